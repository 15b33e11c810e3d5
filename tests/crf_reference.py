"""The contextual CRF computed slowly: loops over edges, explicit tables."""

import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample


def samples(labels):
    """Return one sample for each ``(H, W)`` label map of ``(N, H, W)``."""
    return [
        SegDataSample(gt_sem_seg=PixelData(data=label[None]))
        for label in labels
    ]


def box_edges(height, width, relation, box=0.4):
    """Return the pairs of row-major ids that a relation joins, by distance."""
    side, edges = box * min(height, width), []
    nodes = [(y, x) for y in range(height) for x in range(width)]
    for p, (y, x) in enumerate(nodes):
        for q, (v, u) in enumerate(nodes):
            near = abs(u - x) <= side / 2
            if relation == 'surrounding':
                near &= abs(v - y) <= side / 2 and p != q
            else:
                near &= 1 <= v - y <= side
            if near:
                edges.append((p, q))
    return edges


def pair_scores(net, f_p, f_q):
    """Score the pairs of labels of one edge, ``(L, L)``.

    Two ordinary layers on the concatenation of two features ``(C,)``; any
    normalisation works on the shares of the two ends.
    """
    both = net.norm(net.nodes(torch.stack([f_p, f_q])))
    width = net.score.in_features
    if isinstance(net.norm, torch.nn.Identity):
        first, second = net.nodes.weight.split(width)
        layer = torch.cat([first, second], dim=1)
        bias = net.nodes.bias[:width] + net.nodes.bias[width:]
        hidden = layer @ torch.cat([f_p, f_q]) + bias
    else:
        hidden = both[0, :width] + both[1, width:]
    scores = net.score.weight @ hidden.clamp(min=0) + net.score.bias
    labels = round(len(scores) ** 0.5)
    return scores.view(labels, labels)


def messages(net, features, marginals, edges, *, mean):
    """Return what each node receives, ``(P, L)``, one edge at a time."""
    nodes = features.flatten(1).T
    received = torch.zeros_like(marginals)
    count = torch.zeros(len(nodes), 1, dtype=marginals.dtype)
    for p, q in edges:
        energies = -pair_scores(net, nodes[p], nodes[q])
        received[p] += (energies * marginals[q][None, :]).sum(1)
        received[q] += (energies * marginals[p][:, None]).sum(0)
        count[p] += 1
        count[q] += 1
    if mean:
        received /= count.clamp(min=1)
    return net.weight * received
