"""The numbered menu: what a command needs is asked for in Chinese, then that very command runs."""
