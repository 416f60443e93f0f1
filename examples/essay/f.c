#include <stdbool.h>

bool f(unsigned int x, unsigned int y) { return (x+y == y+x); }
