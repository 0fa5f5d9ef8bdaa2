"""rnnbench: is this derivation of an RNN's gradient wrong? A benchmark that answers with evidence."""

__version__ = "0.1.0"
