"""JSON text as its strings mean it: escapes are undone, and every character knows where it stood.

Rules: `\\u0041` and `\\n` hide nothing from a scanner. What is no valid escape stays as it is, so broken JSON
is read like any text. Only an escape that is still incomplete waits for its rest. Offsets of the view map
back to offsets of the raw text.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from filters.scan import Ask, Scan, Scanner
from filters.whole import Whole
from policy.finding import Finding, Span

_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_PAIR = r"u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
_ONE = r"u([0-9a-fA-F]{4})|([ntrbf\"\\/])"
_ESCAPE = re.compile(rf"\\(?:{_PAIR}|{_ONE})")
# An escape at the end of what has come, of which more may follow; a high surrogate waits for its low one.
_MORE = r"u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?|u[0-9a-fA-F]{0,3}"
_ESCAPE_OR_REST = re.compile(rf"\\(?:{_PAIR}|(?P<rest>(?:{_MORE})?)\Z|{_ONE})")

# What came near a passage is told when it is certain, some units after the text was clear.
_BEHIND = 4096


class JsonView:
    """The view of one text, piece by piece."""

    def __init__(self) -> None:
        self._rest = ""
        self._raw = self._seen = 0
        # From view offset `_views[i]` on, the raw offset is `_raws[i]` and what lies between, one to one.
        self._views, self._raws = [0], [0]

    def feed(self, piece: str) -> str:
        """The characters of the view that this piece completes."""
        return self._read(self._rest + piece, _ESCAPE_OR_REST)

    def finish(self) -> str:
        """Of an escape that never ended, the characters themselves."""
        return self._read(self._rest, _ESCAPE)

    def raw(self, offset: int) -> int:
        """Where in the raw text a place of the view is."""
        place = max(0, bisect_right(self._views, offset) - 1)
        return self._raws[place] + offset - self._views[place]

    def forget(self, offset: int) -> None:
        """Places before this offset of the view will not be asked for again."""
        place = bisect_right(self._views, offset) - 1
        if place > 0:
            del self._views[:place], self._raws[:place]

    def _read(self, text: str, escapes: re.Pattern[str]) -> str:
        pieces: list[str] = []
        last, end = 0, len(text)
        for match in escapes.finditer(text):
            if match.groupdict().get("rest") is not None:
                end = match.start()
                break
            pieces.extend((text[last : match.start()], _meaning(match)))
            self._step(match.start() - last + 1, match.end() - last)
            last = match.end()
        pieces.append(text[last:end])
        self._seen += end - last
        self._raw += end - last
        self._rest = text[end:]
        return "".join(pieces)

    def _step(self, view: int, raw: int) -> None:
        """After an escape the two texts run side by side again, further apart."""
        self._seen += view
        self._raw += raw
        self._views.append(self._seen)
        self._raws.append(self._raw)


class JsonScanner:
    """Another scanner, over the view: its spans come back as spans of the raw text."""

    def __init__(self, inner: Scanner) -> None:
        self._inner = inner
        self._view = JsonView()
        self._asks: dict[Ask, Ask] = {}

    def passes(self, whole: Whole) -> bool:
        return "\\" not in whole.text and self._inner.passes(whole)

    def feed(self, text: str) -> Scan:
        return self._mapped(self._inner.feed(self._view.feed(text)))

    def settle(self, ask: Ask, findings: Sequence[Finding]) -> Scan:
        inner = self._asks.pop(ask)
        return self._mapped(self._inner.settle(inner, [_moved(finding, inner.span) for finding in findings]))

    def finish(self) -> Scan:
        rest = self._view.finish()
        before = [self._inner.feed(rest)] if rest else []
        last = self._inner.finish()
        findings = tuple(finding for scan in (*before, last) for finding in scan.findings)
        asks = tuple(ask for scan in (*before, last) for ask in scan.asks)
        near = tuple(span for scan in (*before, last) for span in scan.near)
        return self._mapped(Scan(last.clear, findings, asks, near))

    def _mapped(self, scan: Scan) -> Scan:
        findings = tuple(_moved(finding, self._span(finding.span)) for finding in scan.findings)
        asks = []
        for inner in scan.asks:
            outer = Ask(self._span(inner.span), inner.text)
            self._asks[outer] = inner
            asks.append(outer)
        clear = self._view.raw(scan.clear)
        near = tuple(self._span(span) for span in scan.near)
        self._view.forget(scan.clear - _BEHIND)
        return Scan(clear, findings, tuple(asks), near)

    def _span(self, span: Span) -> Span:
        return Span(self._view.raw(span.start), self._view.raw(span.end))


def _moved(finding: Finding, span: Span) -> Finding:
    return Finding(finding.entry, finding.detector, span, finding.score, finding.key)


def _meaning(match: re.Match[str]) -> str:
    high, low, single, plain = (match[place] for place in (1, 2, match.re.groups - 1, match.re.groups))
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if single:
        code = int(single, 16)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
    return _PLAIN[plain]
