"""By being here it lets tests of the sub-rooms import what stands beside it: `reference` and `keras_formulas`."""
