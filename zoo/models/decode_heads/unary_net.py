"""Unary-Net: how well each label suits a node."""

from torch import Tensor, nn

from zoo.models.decode_heads.pairwise_net import norm_of_nodes


class UnaryNet(nn.Module):
    """Score the classes of each node: two fully connected layers.

    Source: Lin et al., CVPR 2016, Sec. 3.1, eq. 2.
    Differs: the paper gives no width of the hidden layer; normalisation and
    dropout are options of ours.

    Args:
        in_channels: Of the feature map.
        channels: Width of the hidden layer.
        num_classes: Number of labels ``K``.
        norm_cfg: Normalisation of the hidden layer, as in mmcv.
        dropout_ratio: Share of hidden activations zeroed in training.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        channels: int,
        num_classes: int,
        norm_cfg: dict | None = None,
        dropout_ratio: float = 0.5,
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_channels, channels)
        self.norm = norm_of_nodes(norm_cfg, channels)
        self.dropout = nn.Dropout(dropout_ratio)
        self.score = nn.Linear(channels, num_classes)
        nn.init.kaiming_normal_(self.hidden.weight, nonlinearity='relu')
        nn.init.normal_(self.score.weight, std=0.01)
        for layer in (self.hidden, self.score):
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Return scores ``(N, K, h, w)`` of features ``(N, C, h, w)``."""
        images, _, height, width = features.shape
        nodes = features.permute(0, 2, 3, 1).flatten(0, 2)
        hidden = self.norm(self.hidden(nodes)).relu_()
        scores = self.score(self.dropout(hidden))
        return scores.view(images, height, width, -1).permute(0, 3, 1, 2)
