"""What people see on a terminal: tables that fit its width, and the progress of a command."""
