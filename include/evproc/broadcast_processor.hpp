// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <type_traits>
#include <utility>

#include <evproc/broadcast_consumer.hpp>
#include <evproc/detail/broadcast_ring.hpp>
#include <evproc/detail/config.hpp>
#include <evproc/producer_verbs.hpp>
#include <evproc/ring_buffer.hpp>
#include <evproc/ring_options.hpp>
#include <evproc/wait/adaptive_wait.hpp>

namespace evproc::inline EVPROC_ABI {

/// Consumers per stage. A stage sees an event when all of the stage before have handled it; stages<1, 2, 1>: one, two, one.
template <std::size_t... Consumers> struct stages {};

}  // namespace evproc::inline EVPROC_ABI

namespace evproc::detail::inline EVPROC_ABI {

template <class Event, class Stages, std::size_t N, class Wait, ring_options Options> struct broadcast_ring_for {
    static_assert(!std::is_same_v<Stages, Stages>,
                  "evproc: write the number of consumers of each stage as evproc::stages<1, 2>");
};

template <class Event, std::size_t... Consumers, std::size_t N, class Wait, ring_options Options>
struct broadcast_ring_for<Event, stages<Consumers...>, N, Wait, Options> {
    using gate = stage_gate<Consumers...>;
    static_assert(
        Options.producers == producer_kind::multi,
        "evproc: a broadcast_processor has no form for a single producer: leave ring_options::producers at multi");
    static_assert(std::is_trivially_destructible_v<Event> || gate::size(gate::stage_count - 1) == 1,
                  "evproc: an Event with a destructor needs a last stage of one consumer, which destroys it: stages<2, "
                  "1> instead "
                  "of stages<2>");
    using type = broadcast_ring<Event, N, Wait, Options, std::make_index_sequence<sizeof...(Consumers)>, Consumers...>;
};
template <class Event, class Stages, std::size_t N, class Wait, ring_options Options>
using broadcast_ring_t = typename broadcast_ring_for<Event, Stages, N, Wait, Options>::type;

}  // namespace evproc::detail::inline EVPROC_ABI

namespace evproc::inline EVPROC_ABI {

/// Passes events from many threads to several consumers, each of which gets every event, in one global order and in place.
/// consumer<1>(0) gets an event once every consumer of stage 0 has handled it, in steps of at most 64 events. A slot is free
/// again when the slowest of the last stage has handled its event: a slow consumer holds up the producers. For consumers that
/// may lose events, or come and go, use a queue each. A consumer is taken once and may leave; one not taken yet holds its place
/// from sequence 0. A handler that throws consumes the event for its consumer alone. An Event with a destructor needs a last
/// stage of one, which destroys it. Producers' verbs (producer_verbs) from any thread and handler; flush() waits for the last
/// stage (errc::closed if all of it left); errc::would_deadlock in the handler of any consumer. After close() each consumer
/// still gets what was reserved before. The ring is on the heap. Neither copyable nor movable. See ring_buffer; producer_kind::multi only.
template <class Event, class Stages, std::size_t N = 4096, class Wait = adaptive_wait,
          ring_options Options = ring_options{}>
class broadcast_processor
    : public ring_owner<detail::broadcast_ring_t<Event, Stages, N, Wait, Options>, N, Options.max_batch>,
      public producer_verbs<broadcast_processor<Event, Stages, N, Wait, Options>,
                            detail::broadcast_ring_t<Event, Stages, N, Wait, Options>> {
    using ring_type = detail::broadcast_ring_t<Event, Stages, N, Wait, Options>;
    using gate_type = typename ring_type::gate_type;
    using owner = ring_owner<ring_type, N, Options.max_batch>;

public:
    using event_type = Event;
    template <std::size_t Stage>
    using broadcast_consumer = evproc::broadcast_consumer<typename ring_type::template follower_type<Stage>>;

    using owner::owner;

    /// Destroys the events left. Precondition: no thread uses this; no consumer or handle is live (asserted in checked builds).
    ~broadcast_processor() {
        EVPROC_CHECK(!ring().core().gate().has_consumers(),
                     "a broadcast_processor was destroyed before one of its consumers");
        ring().destroy_all();
    }

    // ---- consumers ----

    /// Consumer i of a stage. Any thread. Throws std::logic_error if it was taken before or does not exist.
    template <std::size_t Stage> [[nodiscard]] broadcast_consumer<Stage> consumer(std::size_t i = 0) {
        static_assert(Stage < gate_type::stage_count, "evproc: this broadcast_processor has fewer stages");
        if (i >= gate_type::size(Stage))
            detail::fail<std::logic_error>("evproc: there are fewer consumers in this stage");
        if (!ring().core().gate().take(Stage, i))
            detail::fail<std::logic_error>("evproc: this consumer was taken before");
        return broadcast_consumer<Stage>{ring().template consumer<Stage>(i)};
    }

private:
    friend struct detail::test_access;
    friend producer_verbs<broadcast_processor, ring_type>;
    using owner::ring;
};

}  // namespace evproc::inline EVPROC_ABI
