#include <stddef.h>

/* Copies at most size - 1 characters and ends the copy with 0. */
void copy(char *to, const char *from, size_t size) {
   size_t i = 0;
   while (i < size && from[i] != 0) {
      to[i] = from[i];
      i++;
   }
   to[i] = 0;
}

int main(void) {
   char name[8];
   copy(name, "Principia", sizeof name);
   return name[0];
}
