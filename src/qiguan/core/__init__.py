"""The functional core: values in, values out. No Django, no network, no clock."""
