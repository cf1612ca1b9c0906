"""General functions: gradients, dtypes, and the inspection that the array API standard asks for."""
