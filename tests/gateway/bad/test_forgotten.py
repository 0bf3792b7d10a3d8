"""What is looked for in all that a gateway lets out is found however it is written, and never by chance."""

import random

import pytest

from tests.gateway.bad.forgotten import tells


@pytest.mark.parametrize(
    "raw",
    [
        b"call 555-201-3391.",
        b"5552013391",
        b"+15552013391",
        b"555.201.3391",
        b"201.3391",
        b"0201.3391",
        b"555201.3391",
        b'{"said": 2013391}',
        b'{"said": 5552013391}',
        b'{"said": 5552013391.0}',
        b"the 201 3391 of him",
        b"x" * 30 + b"2013391",
        b"201\xa03391",
        b'unsay_findings_total{of="201-3391"} 1.0',
        b"unsay_2013391_total 1.0",
        b"ALDEN",
        b"Port Vellum",
    ],
)
def test_what_was_to_be_forgotten_is_found(raw: bytes) -> None:
    assert tells(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"unsay_requests_created 1.7953792013391e+09",
        b"unsay_requests_created 1795379201.3391123",
        b"unsay_scan_seconds_sum 0.00072013391",
        b'{"at":1795379201.339,"digest":"' + b"a" * 25 + b"2013391" + b"0" * 32 + b'"}',
        b"req_00201f3391aabbccddeeff0011",
        b'{"id":"chatcmpl-00201f3391aabbccddeeff0011","created":1792013391}',
        b"crane",
    ],
)
def test_a_figure_of_the_gateways_own_is_none(raw: bytes) -> None:
    assert not tells(raw)


def test_digests_times_and_measures_never_tell_whatever_they_are() -> None:
    chance = random.Random(1)
    for _ in range(2000):
        around = chance.randrange(10**6), chance.randrange(10**6)
        time = f"unsay_created 1{around[0]:06}201.3391{around[1]:06}"
        digest = f"{around[0]:024x}201{chance.choice('abcdef')}3391{around[1]:024x}"
        assert not tells(f"{time}\n{digest}\n".encode())
