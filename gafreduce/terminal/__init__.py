"""Output for a terminal: tables that fit its width, and the progress of a command."""
