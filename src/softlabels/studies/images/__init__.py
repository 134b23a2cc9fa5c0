"""What the studies of paper Q share. Read it in this order: `teachers`, `settings`, `task`, `students`, `grids`."""
