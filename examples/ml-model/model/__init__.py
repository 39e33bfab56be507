"""A classifier: does a machine with these readings need maintenance?"""
