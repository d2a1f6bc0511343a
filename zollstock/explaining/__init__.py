"""One picture explained: its frames, every model's curve along them, and the placebo test.

The steps are those of a study, made by the functions that its jobs call, for one picture and one
property, in memory but for frames, which lie in a folder of their own while they are made.
"""
