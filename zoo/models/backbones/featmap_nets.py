"""One FeatMap-Net for each potential of a contextual CRF."""

from collections.abc import Sequence

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from zoo.models.backbones.featmap_net import FeatMapNet


@MODELS.register_module()
class FeatMapNets(BaseModule):
    """Compute one feature map per potential, each by a network of its own.

    Each network bears the name of its potential. Networks that were trained
    one by one, in leaves that name one potential, thus fit together into
    the full one.

    Source: Lin et al., CVPR 2016, Sec. 3: "one for the unary potential and
    one each for the two types of pairwise potential".
    Differs: one network for all is an option.

    Shapes:
        - x: ``(N, 3, H, W)``.
        - returns: image and pool1 ... pool5 of the first network, then the
          map of each potential in order: ``in_index`` 6, 7, 8 of a head.

    Args:
        potentials: Their names.
        shared: Use one network for all of them.
        init_cfg: Weights that each network starts from.
        **kwargs: Passed to each ``FeatMapNet``.

    Raises:
        ValueError: If there is no potential or one is named twice.
    """

    def __init__(
        self,
        *,
        potentials: Sequence[str] = ('unary', 'surrounding', 'above_below'),
        shared: bool = False,
        init_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__()
        if not potentials or len(set(potentials)) < len(potentials):
            raise ValueError(
                f'potentials must be different names, got {potentials}'
            )
        self.potentials = tuple(potentials)
        self.nets = ('shared',) if shared else self.potentials
        for name in self.nets:
            self.add_module(name, FeatMapNet(init_cfg=init_cfg, **kwargs))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return image, pools and maps; see ``Shapes``."""
        first, *others = (self.get_submodule(name)(x) for name in self.nets)
        maps = [first[-1], *(outputs[-1] for outputs in others)]
        if len(self.nets) < len(self.potentials):
            maps *= len(self.potentials)
        return (*first[:-1], *maps)
