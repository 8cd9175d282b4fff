"""What both faces show: rows read within what one person may see, as plain values."""
