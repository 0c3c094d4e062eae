"""Training: data and choices in, a version with its evaluation out.

Importing this package is cheap; scikit-learn comes with `console.training.train`, which a job's own
process imports.
"""

from console.training.algorithms import ALGORITHMS, Algorithm, Parameter
from console.training.choices import Choices

__all__ = ["ALGORITHMS", "Algorithm", "Choices", "Parameter"]
