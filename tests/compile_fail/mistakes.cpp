// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

// One section, one mistake: the compiler must refuse it with the text of its `expect` line. With CONTROL defined the same section
// holds no mistake and must compile, so that nothing else can be the reason.

// expect broadcast_with_single_producer: evproc: a broadcast_processor has no form for a single producer
#if defined(MISTAKE_broadcast_with_single_producer)
#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
constexpr evproc::ring_options options{};
#else
constexpr evproc::ring_options options{.producers = evproc::producer_kind::single};
#endif
evproc::broadcast_processor<int, evproc::stages<2>, 4, evproc::adaptive_wait, options> events;
#endif

// expect broadcast_without_destroyer: evproc: an Event with a destructor needs a last stage of one consumer
#if defined(MISTAKE_broadcast_without_destroyer)
#include <string>

#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
using event_stages = evproc::stages<2, 1>;
#else
using event_stages = evproc::stages<2>;
#endif
evproc::broadcast_processor<std::string, event_stages, 4> events;
#endif

// expect capacity_not_a_power_of_two: evproc: the capacity N must be a power of two
#if defined(MISTAKE_capacity_not_a_power_of_two)
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
constexpr std::size_t capacity = 4;
#else
constexpr std::size_t capacity = 3;
#endif
evproc::ring_buffer<int, capacity> ring;
#endif

// expect capacity_zero: evproc: the capacity N must be a power of two
#if defined(MISTAKE_capacity_zero)
#include <evproc/event_processor.hpp>

#if defined(CONTROL)
constexpr std::size_t capacity = 1;
#else
constexpr std::size_t capacity = 0;
#endif
evproc::event_processor<int, capacity> events;
#endif

// expect copied_committed_batch: deleted
#if defined(MISTAKE_copied_committed_batch)
#include <evproc/event_processor.hpp>

#include <utility>

void use(evproc::event_processor<int, 4>& events) {
    auto batch = events.peek();
#if defined(CONTROL)
    auto other = std::move(batch);
#else
    auto other = batch;
#endif
    other.release();
}
#endif

// expect copied_processor: deleted
#if defined(MISTAKE_copied_processor)
#include <evproc/event_processor.hpp>

evproc::event_processor<int, 4> events;
#if defined(CONTROL)
auto& other = events;
#else
auto other = events;
#endif
#endif

// expect copied_reserved_batch: deleted
#if defined(MISTAKE_copied_reserved_batch)
#include <evproc/event_processor.hpp>

#include <utility>

void use(evproc::event_processor<int, 4>& events) {
    auto batch = events.try_reserve_batch(2);
#if defined(CONTROL)
    auto other = std::move(batch);
#else
    auto other = batch;
#endif
    other.discard();
}
#endif

// expect copied_reserved_event: deleted
#if defined(MISTAKE_copied_reserved_event)
#include <evproc/event_processor.hpp>

#include <utility>

void use(evproc::event_processor<int, 4>& events) {
    auto event = events.try_reserve();
#if defined(CONTROL)
    auto other = std::move(event);
#else
    auto other = event;
#endif
    other.discard();
}
#endif

// expect handler_of_another_type: error: no matching
#if defined(MISTAKE_handler_of_another_type)
#include <evproc/event_processor.hpp>

void use(evproc::event_processor<int, 4>& events) {
#if defined(CONTROL)
    (void)events.poll([](int&) {});
#else
    (void)events.poll([](char*) {});
#endif
}
#endif

// expect handler_returns_another_type: evproc: a handler must return void or evproc::event_action
#if defined(MISTAKE_handler_returns_another_type)
#include <evproc/event_processor.hpp>

void use(evproc::event_processor<int, 4>& events) {
#if defined(CONTROL)
    (void)events.poll([](int&) { return evproc::event_action::next; });
#else
    (void)events.poll([](int&) { return true; });
#endif
}
#endif

// expect ignored_reservation: ignoring return
#if defined(MISTAKE_ignored_reservation)
#include <evproc/event_processor.hpp>

void use(evproc::event_processor<int, 4>& events) {
#if defined(CONTROL)
    auto event = events.try_reserve();
    event.discard();
#else
    events.try_reserve();
#endif
}
#endif

// expect max_batch_beyond_capacity: evproc: ring_options::max_batch must not exceed the capacity
#if defined(MISTAKE_max_batch_beyond_capacity)
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
constexpr std::size_t most = 8;
#else
constexpr std::size_t most = 9;
#endif
evproc::ring_buffer<int, 8, evproc::adaptive_wait, evproc::ring_options{.max_batch = most}> ring;
#endif

// expect missing_record_handler: does not accept this one of its types
#if defined(MISTAKE_missing_record_handler)
#include <evproc/record_processor.hpp>

struct order {};
struct trade {};

struct handler {
    void operator()(order&) {}
#if defined(CONTROL)
    void operator()(trade&) {}
#endif
};

void use(evproc::record_processor<evproc::one_of<order, trade>, 1024>& events) { (void)events.poll(handler{}); }
#endif

// expect record_type_not_listed: evproc: name a record_processor's types as one_of<first, second, ...>
#if defined(MISTAKE_record_type_not_listed)
#include <evproc/record_processor.hpp>

#if defined(CONTROL)
evproc::record_processor<evproc::one_of<int>, 1024> events;
#else
evproc::record_processor<int, 1024> events;
#endif
#endif

// expect moved_processor: deleted
#if defined(MISTAKE_moved_processor)
#include <evproc/event_processor.hpp>

#include <utility>

evproc::event_processor<int, 4> events;
#if defined(CONTROL)
auto& other = events;
#else
auto other = std::move(events);
#endif
#endif

// expect not_a_wait_strategy: Wait must satisfy evproc::wait_strategy
#if defined(MISTAKE_not_a_wait_strategy)
#include <evproc/ring_buffer.hpp>

struct my_wait {
    template <class Ready> bool wait(Ready&& ready, evproc::wait_deadline) { return ready(); }
#if defined(CONTROL)
    void notify() noexcept {}
#endif
    std::uint64_t parks() const noexcept { return 0; }
};
evproc::ring_buffer<int, 4, my_wait> ring;
#endif

// expect observer_without_base: must derive from evproc::no_observer
#if defined(MISTAKE_observer_without_base)
#include <evproc/event_processor.hpp>

#if defined(CONTROL)
struct observer : evproc::no_observer {};
#else
struct observer {};
#endif
evproc::event_processor<int, 4, evproc::adaptive_wait, evproc::ring_options{}, observer> processor;
#endif

// expect observer_hook_of_another_type: hooks must have the parameters of no_observer's
#if defined(MISTAKE_observer_hook_of_another_type)
#include <cstddef>
#include <cstdint>
#include <evproc/event_processor.hpp>

struct observer : evproc::no_observer {
#if defined(CONTROL)
    void on_batch(std::uint64_t, std::size_t) noexcept {}
#else
    void on_batch(std::size_t) noexcept {}
#endif
};
evproc::event_processor<int, 4, evproc::adaptive_wait, evproc::ring_options{}, observer> processor;
#endif

// expect observer_hook_that_may_throw: of no_observer's and be noexcept
#if defined(MISTAKE_observer_hook_that_may_throw)
#include <cstddef>
#include <evproc/event_processor.hpp>

struct observer : evproc::no_observer {
#if defined(CONTROL)
    void on_full(std::size_t) noexcept {}
#else
    void on_full(std::size_t) {}
#endif
};
evproc::event_processor<int, 4, evproc::adaptive_wait, evproc::ring_options{}, observer> processor;
#endif

// expect reference_event: must be an object type
#if defined(MISTAKE_reference_event)
#include <evproc/ring_buffer.hpp>

#if defined(CONTROL)
using event = int*;
#else
using event = int&;
#endif
evproc::ring_buffer<event, 4> ring;
#endif

// expect sibling_changes_event: error: no matching
#if defined(MISTAKE_sibling_changes_event)
#include <evproc/broadcast_processor.hpp>

#if defined(CONTROL)
using event_stages = evproc::stages<1>;
#else
using event_stages = evproc::stages<2>;
#endif

void change(evproc::broadcast_processor<int, event_stages, 4>& events) {
    events.consumer<0>().poll([](int& event) { ++event; });
}
#endif

// expect throwing_destructor_processor: evproc: the destructor of
#if defined(MISTAKE_throwing_destructor_processor)
#include <evproc/event_processor.hpp>

struct event {
#if defined(CONTROL)
    ~event() {}
#else
    ~event() noexcept(false) {}
#endif
};
evproc::event_processor<event, 4> events;
#endif

// expect throwing_destructor_ring: evproc: the destructor of T must not throw
#if defined(MISTAKE_throwing_destructor_ring)
#include <evproc/ring_buffer.hpp>

struct event {
#if defined(CONTROL)
    ~event() {}
#else
    ~event() noexcept(false) {}
#endif
};
evproc::ring_buffer<event, 4> ring;
#endif

// expect uninitialized_batch_of_a_class_with_constructor: append_uninitialized
#if defined(MISTAKE_uninitialized_batch_of_a_class_with_constructor)
#include <evproc/event_processor.hpp>

#if defined(CONTROL)
struct event {
    int value;
};
#else
struct event {
    int value = 0;
};
#endif

void use(evproc::event_processor<event, 4>& events) {
    auto batch = events.try_reserve_batch(2);
    for (event& each : batch.append_uninitialized(2)) each.value = 1;
    (void)batch.commit();
}
#endif

// expect selftest: anything
#if defined(MISTAKE_selftest)
#include <evproc/version.hpp>

static_assert(EVPROC_VERSION > 0);
#endif
