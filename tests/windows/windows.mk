# A real Python for Windows under Wine: included by the Makefile.

WINDOWS := PYTHONPATH=tests/windows $(BIN)/python -m wine_windows

.PHONY: wheel-windows windows-build test-windows test-windows-quick

wheel-windows: windows-build ## cross-build the wheel for Windows, with the C extension, into dist/
	$(WINDOWS) wheel

windows-build: $(VENV)/installed-test ## install Wine and MinGW, and fetch Python and libraries for Windows, once
	$(WINDOWS) build

test-windows: windows-build ## samples, organisms and tests with Python for Windows (12 min)
	$(WINDOWS) test

test-windows-quick: windows-build ## the part of test-windows for CI: samples and commands (3 min)
	$(WINDOWS) test --quick
