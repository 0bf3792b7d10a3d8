"""What only looks like codes passes: at least 99.5 % of such prompts are left as they are."""

import base64
import json
import random
import string
import uuid
from collections.abc import Callable, Mapping
from hashlib import sha1
from pathlib import Path
from urllib.parse import quote

import pytest

from filters.prompt import PromptScanner
from policy.action import Action
from tests.filters.test_prompt import NOW, REFUSING, user
from tests.filters.test_string_scanner import CRANE

Random = random.Random
_SYMBOLS = string.ascii_letters + string.digits


def _hashes(rng: Random) -> str:
    return "\n".join(f"commit {sha1(rng.randbytes(9)).hexdigest()}" for _ in range(9))


def _uuids(rng: Random) -> str:
    return " ".join(str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(9))


def _token(rng: Random) -> str:
    parts = (
        json.dumps({"alg": "HS256", "sub": rng.getrandbits(60)}).encode(),
        rng.randbytes(60),
        rng.randbytes(32),
    )
    return "Bearer " + ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _picture(rng: Random) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(rng.randbytes(900)).decode()}">'


def _address(rng: Random) -> str:
    words = (quote("".join(rng.choices(_SYMBOLS + " /&ü", k=30))) for _ in range(4))
    return "https://example.org/" + "/".join(words) + f"?id={rng.getrandbits(40):x}"


def _log(rng: Random) -> str:
    return "\n".join(
        f"2026-11-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:00:{rng.randint(0, 59):02d}Z "
        f"[{rng.getrandbits(32):08x}] GET /v1/a/{rng.getrandbits(24)} {rng.choice((200, 404))} "
        f"{rng.random() * 90:.3f}ms"
        for _ in range(12)
    )


def _table(rng: Random) -> str:
    return "\n".join(",".join(f"{rng.uniform(-99, 999):.2f}" for _ in range(8)) for _ in range(12))


def _minified(rng: Random) -> str:
    names = ["".join(rng.choices(string.ascii_letters, k=2)) for _ in range(9)]
    return ";".join(
        f'function {one}(e,t){{return e+"{rng.choice(names)}"+t.{rng.choice(names)}[{rng.randint(0, 9)}]}}'
        for one in names
    )


def _formula(rng: Random) -> str:
    return " ".join(
        rf"$\frac{{x_{{{rng.randint(1, 9)}}}}}{{\sqrt{{{rng.randint(2, 99)}}}}}$" for _ in range(9)
    )


def _query(rng: Random) -> str:
    return " ".join(
        f"SELECT a{rng.randint(1, 99)}, b.c FROM t WHERE x = '{rng.getrandbits(30)}';" for _ in range(5)
    )


def _poem(rng: Random) -> str:
    words = ["alder", "garden", "crown", "lane", "evening", "river", "old", "slow"]
    return "\n".join(" ".join(rng.choices(words, k=6)).capitalize() + "," for _ in range(14))


MADE: Mapping[str, Callable[[Random], str]] = {
    "hashes": _hashes,
    "uuids": _uuids,
    "tokens": _token,
    "pictures": _picture,
    "addresses": _address,
    "logs": _log,
    "tables": _table,
    "minified": _minified,
    "formulas": _formula,
    "queries": _query,
    "poems": _poem,
}
SCANNER = PromptScanner(CRANE.snapshot(), REFUSING, "demo", NOW)


def unchanged(text: str) -> bool:
    return SCANNER.scan(user(text)).action is Action.ALLOW


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("count", [4, pytest.param(100, marks=pytest.mark.long)])
def test_what_looks_like_a_code_is_left_alone(kind: str, count: int) -> None:
    rng = Random(count)
    altered = [text for text in (MADE[kind](rng) for _ in range(count)) if not unchanged(text)]
    assert len(altered) <= count // 200, altered[:1]


@pytest.mark.long
def test_the_source_of_programs_is_left_alone() -> None:
    sources = sorted(Path(random.__file__).parent.glob("*.py"))[:40]
    altered = [path.name for path in sources if not unchanged(path.read_text(errors="replace")[:20_000])]
    assert altered == []
