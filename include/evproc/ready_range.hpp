// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <iterator>
#include <type_traits>

#include <evproc/detail/config.hpp>
#include <evproc/detail/sequence.hpp>

namespace evproc::inline EVPROC_ABI {

/// The events that a peek() found, in order: a forward range of T&. Valid until they are released. Iterating: a load a record.
template <class Core, class Element = typename Core::element_type> class ready_range {
    using element_type = Element;

public:
    class iterator {
    public:
        using value_type = std::remove_const_t<element_type>;
        using difference_type = std::ptrdiff_t;
        using reference = element_type&;
        using pointer = element_type*;
        using iterator_category = std::forward_iterator_tag;

        iterator() = default;
        [[nodiscard]] reference operator*() const noexcept { return *run_.data; }
        [[nodiscard]] pointer operator->() const noexcept { return run_.data; }
        /// The event's number in the global order.
        [[nodiscard]] std::uint64_t sequence() const noexcept { return cursor_.at; }

        iterator& operator++() noexcept {
            ++cursor_.at;
            --left_;
            if (--run_.size != 0)
                run_.data = Core::view_type::next(run_.data);
            else
                look();
            return *this;
        }
        iterator operator++(int) noexcept {
            iterator const before = *this;
            ++*this;
            return before;
        }
        [[nodiscard]] bool operator==(iterator const& other) const noexcept { return left_ == other.left_; }

    private:
        friend class ready_range;
        iterator(Core const* core, detail::read_cursor const& c, std::size_t left) noexcept
            : core_{core}, cursor_{c}, left_{left} {
            look();
        }
        void look() noexcept {
            if (left_ != 0) run_ = core_->next_run(cursor_, left_, detail::no_limit);
        }

        Core const* core_ = nullptr;
        detail::read_cursor cursor_{};
        detail::run<typename Core::element_type> run_{};
        std::size_t left_ = 0;
    };

    ready_range() = default;
    ready_range(Core const& core, detail::read_cursor const& from, std::size_t size) noexcept
        : core_{&core}, from_{from}, size_{size} {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] iterator begin() const noexcept { return {core_, from_, size_}; }
    [[nodiscard]] iterator end() const noexcept { return {core_, from_, 0}; }
    /// Precondition: !empty().
    [[nodiscard]] element_type& front() const noexcept { return *begin(); }
    /// The first event's number in the global order. Precondition: !empty().
    [[nodiscard]] std::uint64_t sequence() const noexcept { return from_.at; }

private:
    Core const* core_ = nullptr;
    detail::read_cursor from_{};
    std::size_t size_ = 0;
};

}  // namespace evproc::inline EVPROC_ABI
