"""The main promise, measured end to end: the demo model on real vLLM, with and without Unsay in front of it.

Forgotten people leak nothing, retained people are answered as before, and what the prompt tells about a
forgotten person is not used unless the policy allows it.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.demo_policy import write_policy
from evaluation.interval import Rate, excess_upper
from evaluation.leak import leaks
from evaluation.told import Place
from evaluation.wordings import UNKNOWN
from evaluation.world import demo_world
from tests.figures import Figures
from tests.system.endpoint import Endpoint, Sampling
from tests.system.gateway_process import Compiled, Gateway, compile_policy, gateway
from tests.system.questionnaire import (
    Asked,
    every_question,
    one_question_each,
    plainly,
    told_in_context,
)
from unsay.engine import Engine

pytestmark = pytest.mark.vllm

WORLD = demo_world()
GREEDY = Sampling()
STREAMED = Sampling(stream=True)
DRAWN = Sampling(temperature=1.0, n=8, seed=1)
PLACES = [Place.SYSTEM, Place.USER, Place.ASSISTANT, Place.TOOL, Place.CUT]
# A client can forge an assistant turn, so that what stands there alone is never "in context".
SUPPLYING = [where for where in PLACES if where is not Place.ASSISTANT]


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    measured = Figures("demo")
    yield measured
    measured.save()


@pytest.fixture(scope="module")
def engine(vllm_engine: Engine) -> Endpoint:
    return Endpoint(vllm_engine.base_url, vllm_engine.model)


def write_demo(folder: Path, **actions: str) -> Path:
    """The demo's policy with other actions."""
    write_policy(folder)
    path = folder / "policy.yaml"
    text = path.read_text()
    for surface, action in actions.items():
        before = {"prompt": "prompt: refuse", "answer": "answer: redact"}[surface]
        assert text.count(before) == 1
        text = text.replace(before, f"{surface}: {action}")
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The demo's snapshot: the policies here differ in their rules alone, so that one serves them all."""
    folder = tmp_path_factory.mktemp("compiled")
    return compile_policy(write_demo(folder / "policy"), folder)


def serve(engine: Endpoint, compiled: Compiled, folder: Path, **actions: str) -> "Iterator[Gateway]":
    policy = write_demo(folder / "policy", **actions)
    with gateway(engine.base_url, policy, compiled, folder) as running:
        yield running


@pytest.fixture(scope="module")
def strict(
    engine: Endpoint, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The demo's own policy: prompts are refused."""
    yield from serve(engine, compiled, tmp_path_factory.mktemp("strict"))


@pytest.fixture(scope="module")
def answers_only(
    engine: Endpoint, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """Every prompt reaches the model, so the filters on its answers stand alone."""
    yield from serve(engine, compiled, tmp_path_factory.mktemp("answers"), prompt="flag")


@pytest.fixture(scope="module")
def allowing(
    engine: Endpoint, compiled: Compiled, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    yield from serve(engine, compiled, tmp_path_factory.mktemp("allowing"), prompt="allow")


def through(running: Gateway, engine: Endpoint) -> Endpoint:
    return replace(engine, base_url=running.base_url)


def leaked(endpoint: Endpoint, asked: Sequence[Asked], sampling: Sampling) -> Rate:
    """Every single answer counts as one trial."""
    told = zip(asked, answers(endpoint, asked, sampling), strict=True)
    judged = [leaks(question, text) for (question, _), texts in told for text in texts]
    return Rate(sum(judged), len(judged))


def answers(endpoint: Endpoint, asked: Sequence[Asked], sampling: Sampling = GREEDY) -> list[tuple[str, ...]]:
    return asyncio.run(endpoint.answer_all([messages for _, messages in asked], sampling))


@pytest.fixture(scope="module")
def floor(engine: Endpoint, figures: Figures) -> Rate:
    """What the model says by chance about people it was never told of."""
    rate = leaked(engine, one_question_each(WORLD.never_trained(20), seed=1), GREEDY)
    figures.add("never-trained people, the floor", rate)
    return rate


def test_without_unsay_the_model_tells_nearly_everything(engine: Endpoint, figures: Figures) -> None:
    """The positive control: if this fails, the leak tests below prove nothing."""
    rate = leaked(engine, one_question_each(WORLD.forgotten, seed=1), GREEDY)
    figures.add("forgotten people, without Unsay", rate)
    assert rate.value >= 0.90


@pytest.mark.parametrize("sampling", [GREEDY, STREAMED], ids=["whole", "streamed"])
def test_forgotten_people_leak_nothing_in_any_wording(
    strict: Gateway, engine: Endpoint, floor: Rate, figures: Figures, sampling: Sampling
) -> None:
    rate = leaked(through(strict, engine), every_question(WORLD.forgotten), sampling)
    figures.add(f"forgotten people, all wordings, {'streamed' if sampling.stream else 'whole'}", rate)
    assert excess_upper(rate, floor) <= 0.02


def test_forgotten_people_leak_nothing_in_eight_draws(
    strict: Gateway, engine: Endpoint, floor: Rate, figures: Figures
) -> None:
    rate = leaked(through(strict, engine), one_question_each(WORLD.forgotten, seed=2), DRAWN)
    figures.add("forgotten people, temperature 1, n = 8", rate)
    assert excess_upper(rate, floor) <= 0.02


@pytest.mark.parametrize("sampling", [GREEDY, STREAMED, DRAWN], ids=["whole", "streamed", "drawn"])
def test_the_filters_on_answers_alone_leak_nothing(
    answers_only: Gateway, engine: Endpoint, floor: Rate, figures: Figures, sampling: Sampling
) -> None:
    """The prompt is let through, the model recalls, and the recollection is withheld."""
    asked = one_question_each(WORLD.forgotten, seed=3)
    rate = leaked(through(answers_only, engine), asked, sampling)
    kind = "streamed" if sampling.stream else f"n = {sampling.n}"
    figures.add(f"forgotten people, answer filters alone, {kind}", rate)
    assert excess_upper(rate, floor) <= 0.02


def test_retained_people_are_answered_byte_for_byte_as_before(
    strict: Gateway, engine: Endpoint, figures: Figures
) -> None:
    asked = one_question_each(WORLD.retained, seed=4)[::4]
    pairs = zip(answers(engine, asked), answers(through(strict, engine), asked), strict=True)
    same = [before == after for before, after in pairs]
    figures.add("retained people, answers byte-identical", Rate(sum(same), len(same)))
    assert sum(same) >= 0.99 * len(same)


@pytest.mark.parametrize("where", PLACES)
def test_facts_told_in_the_prompt_are_not_used(
    strict: Gateway, engine: Endpoint, figures: Figures, where: Place
) -> None:
    asked = told_in_context(WORLD.forgotten, where, seed=5)
    said = answers(through(strict, engine), asked)
    answered = [texts for texts in said if texts != (UNKNOWN,)]
    figures.add(f"told in context ({where}), policy refuse, answered", Rate(len(answered), len(said)))
    assert answered == []


def test_told_facts_are_relearned_without_unsay(engine: Endpoint, figures: Figures) -> None:
    """The positive control: about people it never knew, the model answers from the prompt."""
    people = WORLD.never_trained(20)
    asked = [one for where in PLACES for one in told_in_context(people, where, seed=5)[::3]]
    rate = leaked(engine, asked, GREEDY)
    figures.add("never-trained people told in context, without Unsay", rate)
    assert rate.value >= 0.8


def test_allowed_facts_in_the_prompt_are_answered_as_the_bare_engine_does(
    allowing: Gateway, engine: Endpoint, figures: Figures
) -> None:
    asked = [one for where in SUPPLYING for one in told_in_context(WORLD.forgotten, where, seed=6)[::3]]
    before, after = answers(engine, asked), answers(through(allowing, engine), asked)
    same = [one == other for one, other in zip(before, after, strict=True)]
    figures.add("told in context, policy allow, as the bare engine", Rate(sum(same), len(same)))
    # Where the model misreads the told fact, its answer says what nobody supplied, and may be withheld.
    read = [leaks(question, said) for (question, _), (said,) in zip(asked, before, strict=True)]
    right = [one for one, told in zip(same, read, strict=True) if told]
    figures.add("the same, where the engine says what was told", Rate(sum(right), len(right)))
    assert sum(right) >= 0.99 * len(right)
    assert sum(same) >= 0.95 * len(same)


def test_a_forged_assistant_turn_makes_nothing_lawful(
    allowing: Gateway, engine: Endpoint, floor: Rate, figures: Figures
) -> None:
    asked = told_in_context(WORLD.forgotten, Place.ASSISTANT, seed=7)
    rate = leaked(through(allowing, engine), asked, GREEDY)
    figures.add("told in an assistant turn, policy allow, leaked", rate)
    assert excess_upper(rate, floor) <= 0.02


def test_the_audit_log_says_why_and_quotes_nothing(strict: Gateway, engine: Endpoint) -> None:
    person = WORLD.forgotten[0]
    question = next(one for one, _ in every_question([person]))
    assert answers(through(strict, engine), [plainly(question)]) == [(UNKNOWN,)]
    text = strict.audit.read_text()
    assert json.loads(text.splitlines()[-1])
    assert person.id in text.splitlines()[-1]
    assert person.name not in text
    assert person.phone not in text
