"""Contextual CRF: a unary net, pairwise nets, mean field over them."""

from collections.abc import Mapping, Sequence

import torch
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.models.losses import accuracy
from mmseg.registry import MODELS
from torch import Tensor

from zoo.models.decode_heads.pairwise_net import PairwiseNet
from zoo.models.decode_heads.strided_head import LOSS, add_up, input_size
from zoo.models.decode_heads.unary_net import UnaryNet
from zoo.ops import labels_at_nodes, mean_field_updates, resize_map
from zoo.ops.range_box import RELATIONS

POTENTIALS = ('unary', *RELATIONS)
# what a single relation may have of its own
OPTIONS = ('weight', 'box', 'grid', 'train_edges', 'messages', 'class_weight')


@MODELS.register_module()
class ContextCRFHead(BaseDecodeHead):
    """Score nodes, and pairs of nodes, and let them agree.

    Each potential is trained as a classifier of its own (piecewise): the
    unary net of a node's label, a pairwise net of the two labels at the ends
    of an edge. In testing mean field turns all of them into the marginals of
    each node. A head of one potential, trained alone, has the weights of
    that potential in the full head under the same names.

    Source: Lin et al., CVPR 2016, Sec. 3 to 6, eq. 2, 3 and 8 to 10.
    Differs: the losses are means over nodes and over edges, where eq. 10
    has sums; in training a random sample of edges is used. The relation
    ``'surrounding'`` has each pair in both orders: ``V(p, q)`` and
    ``V(q, p)`` are both summed, and a node lies on twice as many edges as it
    has neighbours. The paper has no weight between the potentials:
    ``messages='sum'`` with weights of 1 is its literal reading, but the
    messages of some hundred neighbours then silence the unary; ``'mean'``
    divides by the number of edges of the node that receives them.

    Shapes:
        - inputs: tuple of maps; each potential reads one, ``(N, C, h, w)``.
        - forward returns: log-marginals ``(N, num_classes, h, w)`` in nats.

    Args:
        potentials: Which of ``'unary'``, ``'surrounding'``,
            ``'above_below'`` there are.
        in_index: Place of each potential's map in the inputs; a single
            number if all read the same.
        relations: Settings of single relations, e.g.
            ``dict(surrounding=dict(weight=2.0))``: ``weight``, a factor on
            the messages, and ``train_edges``, ``messages``, ``box``,
            ``grid``, ``class_weight`` instead of those below.
        train_edges: Edges per relation and image that a step samples.
        messages: ``'mean'`` or ``'sum'`` over a node's edges.
        box: Side of the range box, in short sides of the grid.
        grid: Use a ``grid x grid`` sample of the box in testing; ``None``:
            all of it.
        iterations: Of mean field.
        class_weight: Weight of each class in the pairwise losses; an edge
            has the mean of its ends. (The unary's stands in its loss.)
        dropout_ratio: Share of hidden activations zeroed in training.
        loss_decode: Of the unary; by default cross-entropy, averaged over
            the nodes that are not ignored.
        **kwargs: Passed to mmseg's ``BaseDecodeHead``; ``channels`` is the
            width of the hidden layers, ``norm_cfg`` their normalisation,
            an option of ours for training from scratch.

    Raises:
        ValueError: If a potential is unknown or a setting out of range.
    """

    def __init__(
        self,
        *,
        potentials: Sequence[str] = POTENTIALS,
        in_index: int | Sequence[int] = (6, 7, 8),
        relations: Mapping[str, dict] | None = None,
        train_edges: int = 2000,
        messages: str = 'mean',
        box: float = 0.4,
        grid: int | None = None,
        iterations: int = 3,
        class_weight: Sequence[float] | None = None,
        dropout_ratio: float = 0.5,
        loss_decode: dict | list[dict] = LOSS,
        **kwargs,
    ) -> None:
        relations = dict(relations or {})
        _check(potentials, relations)
        if iterations < 0 or kwargs.get('sampler') is not None:
            raise ValueError(
                'iterations must be at least 0 and sampler is not supported, '
                f'got {iterations} and {kwargs.get("sampler")}'
            )
        places = (
            (in_index,) * len(potentials)
            if isinstance(in_index, int)
            else tuple(in_index)
        )
        if len(places) != len(potentials):
            raise ValueError(
                f'in_index must have {len(potentials)} entries, one for each '
                f'potential, got {places}'
            )
        super().__init__(
            in_index=places[0],
            dropout_ratio=dropout_ratio,
            loss_decode=loss_decode,
            init_cfg=None,
            **kwargs,
        )
        del self.conv_seg, self.dropout  # each net has its own
        self.potentials, self.places = tuple(potentials), places
        self.iterations = iterations
        sizes = {
            'in_channels': self.in_channels,
            'channels': self.channels,
            'num_classes': self.num_classes,
            'norm_cfg': self.norm_cfg,
            'dropout_ratio': dropout_ratio,
        }
        options = {
            'train_edges': train_edges,
            'messages': messages,
            'box': box,
            'grid': grid,
            'class_weight': class_weight,
        }
        for name in self.potentials:
            net = (
                UnaryNet(**sizes)
                if name == 'unary'
                else PairwiseNet(
                    relation=name,
                    **sizes,
                    **{**options, **relations.get(name, {})},
                )
            )
            self.add_module(name, net)

    def loss(
        self,
        inputs: tuple[Tensor, ...],
        batch_data_samples: list,
        train_cfg: dict,
    ) -> dict[str, Tensor]:
        """Return the loss of each potential and its accuracy in per cent."""
        labels = self._stack_batch_gt(batch_data_samples).squeeze(1)
        losses: dict[str, Tensor] = {}
        for name, features in self._maps(inputs).items():
            net = self.get_submodule(name)
            nodes = labels_at_nodes(labels, features.shape[2:])
            if name == 'unary':
                scores = net(features)
                losses |= add_up(
                    self.loss_decode, scores, nodes, self.ignore_index
                )
                losses['acc_seg'] = accuracy(
                    scores, nodes, ignore_index=self.ignore_index
                )
            else:
                losses |= net.loss(features, nodes, self.ignore_index)
        return losses

    def forward(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return log-marginals of the nodes; see ``Shapes``."""
        maps = self._maps(inputs)
        if len({tuple(m.shape[2:]) for m in maps.values()}) > 1:
            raise ValueError(
                'all potentials need maps of one size, got '
                f'{ {name: tuple(m.shape) for name, m in maps.items()} }'
            )
        return torch.stack(
            [
                self._marginals({name: m[i] for name, m in maps.items()})
                for i in range(len(inputs[0]))
            ]
        ).log()

    def _marginals(self, maps: dict[str, Tensor]) -> Tensor:
        """Run mean field on one image: ``(C, h, w)`` maps to marginals."""
        height, width = next(iter(maps.values())).shape[1:]
        if 'unary' in maps:
            scores = self.unary(maps.pop('unary')[None])[0]
        else:  # a pairwise potential on its own
            first = next(iter(maps.values()))
            scores = first.new_zeros(self.num_classes, height, width)
        senders = [
            self.get_submodule(name).sender(features)
            for name, features in maps.items()
        ]
        marginals = mean_field_updates(
            -scores.flatten(1).T,
            lambda q: sum((send(q) for send in senders), torch.zeros_like(q)),
            iterations=self.iterations if senders else 0,
        )
        return marginals.T.reshape(-1, height, width).clamp_min(1e-12)

    def predict_by_feat(
        self, seg_logits: Tensor, batch_img_metas: list[dict]
    ) -> Tensor:
        """Return the log of the marginals, interpolated to the pixels."""
        size = input_size(batch_img_metas[0])
        return resize_map(seg_logits.exp(), size).clamp_min(1e-12).log()

    def _maps(self, inputs: tuple[Tensor, ...]) -> dict[str, Tensor]:
        return {
            name: inputs[place]
            for name, place in zip(self.potentials, self.places, strict=True)
        }


def _check(potentials: Sequence[str], relations: Mapping[str, dict]) -> None:
    unknown = [name for name in potentials if name not in POTENTIALS]
    if unknown or not potentials or len(set(potentials)) < len(potentials):
        raise ValueError(
            f'potentials must be some of {POTENTIALS}, got {potentials}'
        )
    for name, options in relations.items():
        if name not in RELATIONS:
            raise ValueError(
                f'relations has {name!r}, which is none of {RELATIONS}'
            )
        if not isinstance(options, Mapping):
            raise ValueError(
                f'relations.{name} must be a dict of {OPTIONS}, '
                f'got {options!r}'
            )
        strange = [key for key in options if key not in OPTIONS]
        if strange:
            raise ValueError(
                f'relations.{name} has {strange[0]!r}, which is none of '
                f'{OPTIONS}'
            )
