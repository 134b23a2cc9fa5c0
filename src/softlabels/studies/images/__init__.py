"""What the studies of paper Q share. To be read in this order: `teachers`, `settings`, `task`, `students`, `grids`."""
