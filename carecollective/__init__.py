"""The frame every room stands in: settings, refusals, text rules, keys, processes."""
