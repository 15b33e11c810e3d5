"""A leaderboard as pictures: SVG without a drawing library."""

from .dot_plot import dot_plot
from .scatter import scatter

__all__ = ['dot_plot', 'scatter']
