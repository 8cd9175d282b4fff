"""What faults stand on: a bad line between two namespaces, a disk in a file, and clocks that lie."""
