"""The leaderboard as one HTML file that needs nothing else."""

from .document import render_page
from .pictures import Picture

__all__ = ['Picture', 'render_page']
