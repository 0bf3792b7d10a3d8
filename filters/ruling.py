"""What is done about what is found in one text of an answer: provenance decides.

Rules:
1. A name is supplied when the conversation names the entry at all, in whatever form; any other string when
   that same string stands in it.
2. A sentence is supplied when all that is telling in it was.
3. A ruling knows no guard and no scanner: they hold on to it, and so nothing of an answer is a cycle.
"""

from collections.abc import Sequence

from filters.forgotten import Forgotten
from filters.repetition import is_supplied, repeats
from filters.report import PromptReport
from filters.scan import Ask
from index.units import Unit
from policy.finding import Detector, Finding
from policy.policy import Policy
from policy.surface import Role
from policy.verdict import Verdict, conferring, on_answer, provenance

_NOBODY: frozenset[Role] = frozenset()


class Ruling:
    def __init__(self, forgotten: Forgotten, policy: Policy, prompt: PromptReport) -> None:
        self._forgotten, self._policy, self._prompt = forgotten, policy, prompt
        self._repeating: set[Finding] = set()

    def judged(self, ask: Ask, findings: Sequence[Finding]) -> list[Finding]:
        """What counts of a sentence's findings; whether it only repeats what was supplied is noted."""
        places, in_force = self._forgotten.snapshot.places, self._forgotten.in_force
        counting = [finding for finding in findings if places[finding.entry] in in_force]
        sentence = ask.text.removeprefix(f"{self._prompt.question} ")
        for finding in counting:
            knowing = places[finding.entry] in self._prompt.knowing
            if repeats(sentence, self._is_supplied, knowing=knowing):
                self._repeating.add(finding)
        return counting

    def rule(self, finding: Finding) -> Verdict:
        place = self._forgotten.snapshot.places[finding.entry]
        rule = self._policy.rule_for(finding.entry, self._forgotten.snapshot.entries[place].reason)
        roles = conferring(self._supplying(place, finding))
        return Verdict(on_answer(rule, roles), provenance(roles))

    def supplied(self, run: Sequence[Unit]) -> bool:
        """Whether some words in a row tell nothing that was not supplied."""
        return is_supplied(run, self._is_supplied)

    def _supplying(self, place: int, finding: Finding) -> frozenset[Role]:
        """The roles whose text holds what was found."""
        supplied = self._prompt.supplied
        if finding.detector is Detector.NAME:
            return supplied.named.get(place, _NOBODY)
        if finding.detector not in (Detector.SEMANTIC, Detector.JUDGE):
            return supplied.seen.get(finding.key, _NOBODY) if finding.key else _NOBODY
        if finding not in self._repeating:
            return _NOBODY
        return next((known.roles for known in self._prompt.evidence if known.place == place), _NOBODY)

    def _is_supplied(self, word: str) -> bool:
        return self._prompt.supplied.has_word(self._forgotten.snapshot.word_hash(word))
