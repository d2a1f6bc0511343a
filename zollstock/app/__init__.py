"""The web page: looks at finished studies, and explains one picture live. It needs gradio."""
