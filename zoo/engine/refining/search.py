"""Search the bilateral kernel of a dense CRF on held-out images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

from zoo.engine.config import load_config
from zoo.engine.refining.album import open_album
from zoo.engine.refining.chain import Chain, chain_of, imports_of
from zoo.engine.refining.journal import Journal
from zoo.engine.refining.saved_probs import find_probs
from zoo.engine.refining.space import (
    NAMES,
    Setting,
    Space,
    around,
    coarse,
)
from zoo.engine.refining.trials import KEYS, Crowd, Trials
from zoo.engine.refining.workers import open_workers
from zoo.engine.workdir import leaf_name, require_writable
from zoo.errors import UserError
from zoo.files import one_at_a_time

CRF = 'DenseCRF'
JOURNAL = 'trials.jsonl'


@dataclass(frozen=True)
class Result:
    """What a search has found.

    Attributes:
        scores: Mean IoU in per cent of each setting of the space.
        without: That of the saved probabilities.
        stated: Setting of the leaf, and its score.
        best: The setting of the highest score, of equals the first tried.
        options: All of its ``DenseCRF``.
        images: Names of the images.
    """

    scores: dict[Setting, float]
    without: float
    stated: tuple[Setting, float]
    best: Setting
    options: dict[str, Any]
    images: list[str]


class CRFSearch:
    """The CRF of a leaf, scored with other bilateral kernels.

    Every other value of each range is tried first, in all combinations; then
    the 26 neighbours of the best, a printed step away along each axis, again
    around each new best until none is better; then those half a step away,
    once. Position kernel and iterations stay the leaf's, as do other
    post-processors of its chain.

    Source: Chen et al., ICLR 2015, Sec. 4.1: coarse to fine on 100 images of
        the validation set, the Gaussian kernel and 10 iterations fixed.
    Differs: what coarse to fine is, the paper does not say; this is ours. So
        is the score, mean IoU over those images.

    Args:
        path: Of a leaf with one ``DenseCRF`` among its post-processors.
        probs: Folder of saved probabilities of images that the network was
            not trained on.
        out: Where ``trials.jsonl`` goes; a search that was stopped goes on.
        space: See ``space_of``.
        images: How many are taken at random, at most.
        seed: Of the choice.
        photos: See ``open_album``, as for ``labels``.
        labels: Label maps; those of the data set where ``None``.
        options: ``key.path=value`` changes.
        data_root: Replaces the folder of the data set.
        workers: Processes; they change nothing in the result.

    Raises:
        UserError: For all that a user can put right.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        probs: str | Path,
        out: str | Path,
        space: Space,
        images: int = 100,
        seed: int = 0,
        photos: str | None = None,
        labels: str | None = None,
        options: Sequence[str] = (),
        data_root: str | None = None,
        workers: int = 1,
    ) -> None:
        config = load_config(path, options=options, data_root=data_root)
        self.chain = chain_of(config, path)
        self.imports = tuple(imports_of(config))
        self.place = _place_of_crf(self.chain, path)
        self.name = leaf_name(path)
        self.space, self.seed, self.workers = space, seed, workers
        files = find_probs(probs)
        self.images = choose(list(files), images, seed)
        album = open_album(
            config, path, self.images, photos=photos, labels=labels
        )
        if not album.labels:
            raise UserError(
                f'{album.place}: has no labels to score against. Give their '
                'folder with --labels'
            )
        self.items = [album.item(name, files[name]) for name in self.images]
        self.out = require_writable(out)
        self.plain = self._options(self.chain)
        weight, xy_std, rgb_std = (float(self.plain[name]) for name in NAMES)
        self.stated = weight, xy_std, rgb_std
        if album.is_dataset and _is_leafs_own(config, path):
            print(
                'the leaf is tested on these images; report no score whose '
                'numbers were chosen on them'
            )

    def search(self) -> Result:
        """Score what is not in the file yet; return all."""
        with one_at_a_time(self.out / JOURNAL):
            count = min(self.workers, len(self.items))
            with open_workers(count, apart=True) as workers:
                crowd = Crowd(workers, self.items, self.imports)
                path, identity = self.out / JOURNAL, self._identity(crowd)
                journal = Journal(path, identity, keys=KEYS)
                return self._search(Trials(crowd, journal, self._chain))

    def _search(self, trials: Trials) -> Result:
        ends = trials.score('start', [None, self.stated])
        tried: dict[Setting, float] = {}
        tried |= trials.score('coarse', coarse(self.space))
        best, before = best_of(tried), None
        while best != before:
            near = around(self.space, best, 1.0)
            tried |= trials.score('fine', near)
            best, before = best_of(tried), best
        near = around(self.space, best, 0.5)
        tried |= trials.score('finest', near)
        best = best_of(tried)
        return Result(
            scores=tried,
            without=ends[None],
            stated=(self.stated, ends[self.stated]),
            best=best,
            options=self._options(self._chain(best)),
            images=self.images,
        )

    def _identity(self, crowd: Crowd) -> dict[str, Any]:
        """Return all that a score depends on, besides the setting.

        The leaf's own setting is not among it: it may take over the result.
        """
        others = [c for i, c in enumerate(self.chain) if i != self.place]
        plain = Chain(self._chain((1.0, 1.0, 1.0)), self.imports)
        return {
            'images': self.images,
            'files': crowd.digest,
            'chain': plain.described(),
            'other post-processors': others,
            'space': {name: str(r) for name, r in self.space.items()},
        }

    def _chain(self, setting: Setting | None) -> list[dict[str, Any]]:
        """Return the chain with a setting in it; none without one."""
        if setting is None:
            return []
        chain = list(self.chain)
        chain[self.place] = {
            'type': CRF,
            **self.plain,  # a preset has no say beside a setting
            **dict(zip(NAMES, setting, strict=True)),
        }
        return chain

    def _options(self, chain: list[dict[str, Any]]) -> dict[str, Any]:
        """Return all options that the CRF of a chain resolves to."""
        crf: Any = Chain(chain, self.imports).steps[self.place]
        return dict(crf.options)


def best_of(scores: Mapping[Setting, float]) -> Setting:
    """Return the setting of the highest score, of equals the first."""
    return max(scores, key=lambda setting: scores[setting])


def choose(names: Sequence[str], count: int, seed: int) -> list[str]:
    """Return so many of the names at random, sorted.

    Args:
        names: In any order.
        count: All are taken where there are no more.
        seed: At least 0; the same gives the same names.

    Raises:
        UserError: If a number is out of range.
    """
    if count < 1:
        raise UserError(f'--images must be at least 1, got {count}')
    if seed < 0:
        raise UserError(f'--seed must be at least 0, got {seed}')
    order = np.random.default_rng(seed).permutation(len(names))
    names = sorted(names)
    return sorted(names[i] for i in order[:count])


def _place_of_crf(chain: Sequence[dict], path: str | Path) -> int:
    places = [i for i, item in enumerate(chain) if item['type'] == CRF]
    if len(places) != 1:
        raise UserError(
            f'{path}: model.post_processors has {len(places)} {CRF}, wanted '
            'one. Choose another leaf, or change it with --cfg-options'
        )
    return places[0]


def _is_leafs_own(config: Config, path: str | Path) -> bool:
    """Tell whether the images are those that the leaf is tested on."""
    own = load_config(path).get('test_dataloader') or {}
    return own.get('dataset') == config.test_dataloader.dataset
