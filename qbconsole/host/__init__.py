"""The supervised child process that runs `decide` with a merchant's plugins.

A plugin is somebody else's code: it may loop, die, eat memory or print. Here it can only stop its own
merchant's booking, with its file and line named. `supervisor` is the way in; `child` is the process;
`frames` and `values` are what passes between them; `blackbox` and `blame` find who is at fault. The child is
no jail: plugins run with the operator's rights, and are never loaded unless the merchant's table names them.
"""
