"""The look: base templates, components, template tags, pictures."""
