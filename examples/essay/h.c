void h() {
   if terminates(h) while(1){}
}
