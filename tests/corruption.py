"""Ways in which a file can be damaged, by accident or on purpose: drawn at random, and never no damage."""

import random


def corrupted(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    """What was done, and what came of it, which is another file."""
    while True:
        way = rng.choice(list(WAYS))
        changed = WAYS[way](data, rng)
        if changed != data:
            return way, changed


def _flip(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _zero(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def _leave_out(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:end] + data[start:]


def _swap(data: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.sample(range(len(data)), 2))
    length = rng.randint(1, min(64, second - first, len(data) - second))
    return (
        data[:first]
        + data[second : second + length]
        + data[first + length : second]
        + data[first : first + length]
        + data[second + length :]
    )


def _leave_out_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    start = rng.randrange(len(lines))
    del lines[start : start + rng.randint(1, 3)]
    return b"".join(lines)


def _swap_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def _range(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.randint(1, 200))


WAYS = {
    "a bit was turned": _flip,
    "the end is missing": _cut,
    "zeros stand in it": _zero,
    "a piece is missing": _leave_out,
    "a piece stands twice": _repeat,
    "two pieces changed places": _swap,
    "lines are missing": _leave_out_lines,
    "two lines changed places": _swap_lines,
}
