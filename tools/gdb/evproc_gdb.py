# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
"""Shows evproc's rings and processors in gdb: positions, state, and what lies between.

    (gdb) source /usr/share/evproc/gdb/evproc_gdb.py
    (gdb) print ring
    $1 = evproc::ring_buffer of 8: consumed up to 5, reserved up to 9, open =
      {[5] = 50, [6] = uncommitted, [7] = discarded (2 slots)}

The events are those that nobody has consumed, in order, by their position in it. Reads memory only and calls nothing, so it
works on a core file too.
"""

import functools

import gdb
import gdb.printing

CLOSED = 1 << 63
DYNAMIC = ((1 << 32) - 1, (1 << 64) - 1)


def plain(value):
    """What an atomic, or an enum of one number, holds."""
    while value.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        fields = [f for f in value.type.strip_typedefs().fields() if hasattr(f, 'bitpos')]
        value = value[fields[0]]
    return int(value)


def first_pointer(value):
    """The pointer inside a std::unique_ptr, whatever the library calls its members."""
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_PTR:
        return value
    if kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        for field in kind.fields():
            if hasattr(field, 'bitpos'):
                found = first_pointer(value[field])
                if found is not None:
                    return found
    return None


class record:
    """One run of slots: committed events, a discarded stretch, or a slot that waits for its commit."""

    def __init__(self, at, size, state, address=None):
        self.at, self.size, self.state, self.address = at, size, state, address


class ring:
    """Reads a detail::ring by the names of its members."""

    def __init__(self, value):
        kind = value.type.strip_typedefs()
        self.event = kind.template_argument(0)
        self.core = value['core_']
        self.place = value['consumer_']['cursor_']
        self.view = self.core['slots_']['view_']
        # A fixed capacity is in the type only, one given at run time in the object only.
        self.capacity = int(kind.template_argument(1))
        if self.capacity in DYNAMIC:
            self.capacity = int(self.view['capacity_'])
        names = [f.name for f in self.core.type.strip_typedefs().fields()]
        self.single = 'committed_' in names
        self.consumed = plain(self.core['gate_']['consumed_'])
        if self.single:
            self.reserved = plain(self.core['reserved_'])
            self.closed = plain(self.core['closing_']) != 0
        else:
            reserved = plain(self.core['next_to_reserve_'])
            self.reserved = reserved & ~CLOSED
            self.closed = reserved & CLOSED != 0
        self.view_names = [f.name for f in self.view.type.strip_typedefs().fields()]

    def word(self, at):
        index = at & (self.capacity - 1)
        if 'cells_' in self.view_names:
            return plain(self.view['cells_'][index]['word'])
        return plain(self.view['words_'][index])

    def address(self, at, offset=0):
        index = (at & (self.capacity - 1)) + offset
        if 'cells_' in self.view_names:
            return self.view['cells_'][index]['element'].address
        return self.view['elements_'] + index

    def records(self):
        return self.single_records() if self.single else self.multi_records()

    def multi_records(self):
        at = self.consumed
        # The rest of a record of which the consumer has taken a part; it knows where that began.
        start, end = int(self.place['start']), int(self.place['end'])
        if start < at < end:
            yield record(at, end - at, 'committed', self.address(start, at - start))
            at = end
        while at < self.reserved:
            word = self.word(at)
            end = word >> 1
            if not at < end <= self.reserved:
                yield record(at, 1, 'uncommitted')
                at += 1
            elif word & 1:
                yield record(at, end - at, 'discarded')
                at = end
            else:
                yield record(at, end - at, 'committed', self.address(at))
                at = end

    def single_records(self):
        committed = plain(self.core['committed_'])
        for at in range(self.consumed, committed):
            yield record(at, 1, 'committed', self.single_address(at))
        if self.reserved > committed:
            yield record(committed, self.reserved - committed, 'uncommitted')

    def single_address(self, at):
        """A batch that goes past the end of the storage lies there and not at its beginning."""
        lap = at & ~(self.capacity - 1)
        spilled = int(self.core['spilled_'][1 if lap & self.capacity else 0])
        if 'cells_' not in self.view_names and at - lap < spilled:
            return self.address(lap, self.capacity + at - lap)
        return self.address(at)

    def text(self, name):
        return '{} of {}: consumed up to {}, reserved up to {}, {}'.format(
            name, self.capacity, self.consumed, self.reserved, 'closed' if self.closed else 'open')

    def children(self):
        for r in self.records():
            if r.state == 'committed':
                first = r.address.cast(self.event.pointer())
                for i in range(r.size):
                    yield '[{}]'.format(r.at + i), (first + i).dereference()
            elif r.size == 1:
                yield '[{}]'.format(r.at), r.state
            else:
                yield '[{}]'.format(r.at), '{} ({} slots)'.format(r.state, r.size)


class ring_printer:
    def __init__(self, name, value):
        self.name = 'evproc::' + name
        pointer = first_pointer(value['ring_'])
        self.ring = ring(pointer.dereference()) if int(pointer) != 0 else None

    def to_string(self):
        return self.ring.text(self.name) if self.ring else self.name + ', destroyed'

    def children(self):
        return self.ring.children() if self.ring else iter(())


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter('evproc')
    for name in ('ring_buffer', 'event_processor'):
        collection.add_printer(name, r'^evproc::(v0\w*::)?' + name + '<.*>$', functools.partial(ring_printer, name))
    return collection


gdb.printing.register_pretty_printer(None, printers(), replace=True)
