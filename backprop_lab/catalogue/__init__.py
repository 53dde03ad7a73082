"""The worked examples, `bl.examples`: functions with their figures and sources. Read `example` first."""
