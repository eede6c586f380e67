"""Keys of vendors: where they are kept, who may open them, and where they may be sent."""
