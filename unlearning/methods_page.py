"""Writes the methods of unlearning down for people: `python -m unlearning.methods_page > docs/methods.md`."""

import inspect
import sys
from collections.abc import Iterator

from unlearning.combiners.catalogue import COMBINERS
from unlearning.losses.catalogue import LOSSES, METHODS
from unlearning.losses.loss import Method, Term
from unlearning.losses.read import Kind

HEAD = """# Methods of unlearning

Made by `python -m unlearning.methods_page`; a test compares the two. A method is some losses with weights,
and how their gradients are combined; a recipe names one and may change every weight and option. No method
here is known to erase: what is suppressed can come back by relearning, and the report of a run says what
did.

Written down everywhere: p is the probability of a target token under the model, q under the frozen model
that training began with, L the sum of log p over a text's targets and K the sum of log q, T how many
targets a text has, z the logits, h hidden states. All logarithms are natural. A loss is a sum, and what it
is divided by is counted over the whole batch, so a batch taken in parts has the gradient of the whole.

The texts of a step: `forget`; `retain`, what must keep working; `alternative`, what to say in place of the
answer; `declined`, prompts to retain with the answer of one who does not know; `neighbour`, the text to
retain that is most like the one to forget; `context`, questions to forget with what they ask for told in
the prompt. "Frozen" says that the model as it was is read beside the one that learns: with an adapter that
is one more forward pass, and for `npo` and `dpo` one number for each text, made once.

Around a method a recipe can put four things more. `prune` sets the weights to zero, before the first step,
that serve what is forgotten most beside what stays: by squared gradients, as in selective synaptic dampening
(arXiv 2308.07707); the method then heals what stays. In the testbed that is what lets least come back
([results](results/unlearning-pruned.md)). `refine` lets texts rest once what the model says in
their place is far enough, and takes them up again when it comes near (the third part of ICU). `average`
looks at and leaves the average of the weights. `sharpness` takes the forget gradient where a small step
would undo the most (SAM, arXiv 2502.05374). How long: until no more is left than of a holdout, or, with
`stop.fixed`, all steps of the budget, as published methods are run.

`task_vector` trains a copy on the forget texts instead and subtracts: a baseline of the testbed, which loses
what must stay, and no method of a recipe. Kept out: forgetting in layers (arXiv 2505.09500), which forgets
fold after fold and until then teaches the later folds as texts to retain. That trains what was asked to be
forgotten into the weights once more, takes as many runs as there are folds, each with a stop rule of its own,
and was published for invented tasks alone. Kept out, too: the gradient penalty of contrastive learning (arXiv
2405.07317). It unlearns the data of an encoder that was trained by contrast
between views of an image; this product unlearns language models and never its encoder, the penalty needs
second derivatives, and the formulas could not be read, only a summary.

| method | losses | combined by | texts | frozen |
|---|---|---|---|---|
"""


def page() -> str:
    return "\n".join([HEAD + "\n".join(_rows()), "", *_losses(), *_combiners()]) + "\n"


def _rows() -> Iterator[str]:
    for name, method in METHODS.items():
        terms = " + ".join(map(_term, method.terms))
        yield f"| `{name}` | {terms} | {method.combiner} | {_texts(method)} | {_frozen(method)} |"


def _term(term: Term) -> str:
    return f"`{term.name}`" if term.weight == 1 else f"{term.weight:g} `{term.name}`"


def _texts(method: Method) -> str:
    reads = [read for term in method.terms for read in LOSSES[term.name].reads]
    return ", ".join(dict.fromkeys(read.part.value for read in reads))


def _frozen(method: Method) -> str:
    kinds = {read.kind for term in method.terms for read in LOSSES[term.name].reads}
    if kinds & {Kind.REFERENCE, Kind.REFERENCE_HIDDEN}:
        return "yes"
    return "once" if Kind.LIKELIHOOD in kinds else "no"


def _losses() -> Iterator[str]:
    """Each function once, under the names that it has."""
    names: dict[object, list[str]] = {}
    for name, loss in LOSSES.items():
        names.setdefault(inspect.getmodule(loss.function), []).append(name)
    for module, some in names.items():
        options = dict.fromkeys(option for name in some for option in _options(LOSSES[name].function))
        yield from _section(", ".join(f"`{name}`" for name in some), module, "; ".join(options))


def _combiners() -> Iterator[str]:
    for name, combiner in COMBINERS.items():
        options = "; ".join(_options(combiner))
        yield from _section(f"combined by `{name}`", inspect.getmodule(combiner), options)


def _options(function: object) -> Iterator[str]:
    for name, parameter in inspect.signature(function).parameters.items():  # type: ignore[arg-type]
        if parameter.default is not parameter.empty:
            yield f"`{name}` {parameter.default}"
        elif parameter.annotation is float:
            yield f"`{name}` (required)"


def _section(title: str, module: object, options: str) -> Iterator[str]:
    yield f"## {title}\n\n{inspect.getdoc(module)}\n"
    if options:
        yield f"Options: {options}.\n"


if __name__ == "__main__":
    sys.stdout.write(page())
