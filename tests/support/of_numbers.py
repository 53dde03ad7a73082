"""The worked examples whose inputs are numbers; those of arrays have tests of their own in test_examples."""

import backprop_lab as bl

OF_NUMBERS = {
    name: example for name, example in bl.examples.items() if all(isinstance(x, float) for x in example.inputs.values())
}
