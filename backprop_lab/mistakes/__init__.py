"""What people get wrong: sweeps with one rule broken, and which of them a typed number comes from.

Read `table` first; `sweep` runs an entry of it, `diagnosis` finds one, `separation` draws inputs that tell all apart.
"""
