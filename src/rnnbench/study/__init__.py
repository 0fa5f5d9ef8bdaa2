"""The study: data, training in NumPy and Keras, probes along runs, analysis, cost, figures and the report."""
