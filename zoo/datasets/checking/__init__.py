"""Read every file of a data set and tell what is wrong."""

from .problems import shorten
from .report import audit

__all__ = ['audit', 'shorten']
