//! The page: whole, escaped, and the same in the picture as in the table.
