"""What is installed here: caches, folders, files and asked servers -> frozen records of models.

Reads headers and configuration, never weights. Nothing is unpickled or imported, and nothing goes
over the network but to a URL that was given. What cannot be read is a line in the report.
"""
