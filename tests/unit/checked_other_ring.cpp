// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Where EVPROC_CHECKED is on: a reservation that is given to another ring than the one it came from.
#undef EVPROC_CHECKED
#define EVPROC_CHECKED 1

#include <evproc/ring_buffer.hpp>

#include "catch.hpp"
#include "death.hpp"

using evproc_test::ending_of;

TEST_CASE("checked: a reservation cannot be committed through a ring that never made it") {
    auto const end = ending_of([] {
        evproc::ring_buffer<int, 4> mine;
        evproc::ring_buffer<int, 4> other;
        auto const place = mine.try_reserve();
        *place.data() = 1;
        other.commit(place);
    });
    INFO(end.error);
    CHECK(end.aborted());
    CHECK(end.says("a reservation was committed or discarded twice, or through another ring"));
}

TEST_CASE("checked: nor through one that has consumed a part of a record there") {
    auto const end = ending_of([] {
        evproc::ring_buffer<int, 4> mine;
        auto const places = mine.try_reserve(2);
        places.data()[0] = places.data()[1] = 1;
        mine.commit(places);
        static_cast<void>(mine.peek(1));
        mine.release(1);
        mine.commit(places);
    });
    INFO(end.error);
    CHECK(end.aborted());
    CHECK(end.says("a reservation was committed or discarded twice, or through another ring"));
}
