"""Which claims of a data set, and which leaves they compare there."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from zoo.errors import UserError

from .claims import Claim


def select_claims(
    claims: Sequence[Claim], dataset: str, names: Sequence[str] = ()
) -> list[Claim]:
    """Return the claims that leaves of a data set repeat.

    Args:
        claims: See ``load_claims``.
        dataset: Short name, like 'minivoc'.
        names: Of the claims wanted; all where empty.

    Raises:
        UserError: If there is none for the data set, or no such name; the
            nearest is named.
    """
    known = {c.name: c for c in claims if dataset in c.runs}
    if not known:
        others = sorted({name for c in claims for name in c.runs})
        raise UserError(
            f'--dataset {dataset}: no claim has leaves for it. Take one of '
            f'{", ".join(others)}.'
        )
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f' Did you mean {near[0]!r}?' if near else ''
            raise UserError(
                f'--only {name}: {dataset} has no such claim.{hint} All are '
                f'listed by tools/claims.py report --dataset {dataset} '
                '--format csv.'
            )
    return [c for c in known.values() if not names or c.name in names]


def leaves_of(claims: Iterable[Claim], dataset: str) -> list[str]:
    """Return the leaves that claims compare on a data set, each once."""
    pairs = [c.runs[dataset] for c in claims if dataset in c.runs]
    leaves = [leaf for pair in pairs for leaf in (pair.worse, pair.better)]
    return list(dict.fromkeys(leaves))
