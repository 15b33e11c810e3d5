"""Results as pictures: SVG without a drawing library."""

from .dot_plot import dot_plot
from .scatter import scatter
from .trimap_chart import trimap_chart

__all__ = ['dot_plot', 'scatter', 'trimap_chart']
