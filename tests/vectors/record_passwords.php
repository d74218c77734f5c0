<?php
// php record.php SEED RANDOM_PER_KIND : what password_verify() says, one JSON object a line.
mt_srand((int)$argv[1]); $n=(int)$argv[2];
$seen=[];
function row($case,$pw,$stored){ global $seen;
  $k=$pw."\1\2".$stored; if(isset($seen[$k])) return; $seen[$k]=1;
  $v=password_verify($pw,$stored);
  echo json_encode(['case'=>$case,'password_base64'=>base64_encode($pw),'stored_base64'=>base64_encode($stored),'verify'=>$v]),"\n"; }
function bytes($len,$set=null){ $s=''; for($i=0;$i<$len;$i++) $s.= $set===null ? chr(mt_rand(0,255)) : $set[mt_rand(0,strlen($set)-1)]; return $s; }
const I64='./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
function pw(){ switch(mt_rand(0,6)){
  case 0: return bytes(mt_rand(0,20),'abcXYZ019 !é');
  case 1: return bytes(mt_rand(1,12),"\xff\xff\xff\x80\xa3a");
  case 2: return bytes(mt_rand(1,12),"\xff\xff\x80");
  case 3: return bytes(mt_rand(0,80));
  case 4: return bytes(mt_rand(60,140),'abcdefgh0123');
  case 5: return "\xff\xff".bytes(mt_rand(0,3),"\xff\xa3").bytes(mt_rand(0,4),"ab\xff");
  default: return bytes(mt_rand(1,30),"ab\0\x7f\x80"); } }
function setting($kind){ switch($kind){
  case '2a': case '2b': case '2x': case '2y': return "\$$kind\$04\$".bytes(21,I64).bytes(1,'.Oeu');
  case '1': return '$1$'.bytes(mt_rand(0,8),I64."-_ é:\n").'$';
  case '5': case '6': return "\$$kind\$".['','rounds=1000$','rounds=1001$','rounds=1042$'][mt_rand(0,3)].bytes(mt_rand(0,16),I64."-_ é:\n").'$';
  case 'des': return bytes(2,I64);
  case 'ext': return '_'.bytes(1,substr(I64,1)).bytes(1,'.././0').'..'.bytes(4,I64);
} }
function mutate($h){ $l=strlen($h); $i=mt_rand(0,max(0,$l-1)); switch(mt_rand(0,7)){
  case 0: return substr($h,0,$i);
  case 1: return $h.bytes(1,I64."\0 \n$=");
  case 2: $h[$i]=bytes(1,I64.'$'); return $h;
  case 3: return substr($h,0,$i).substr($h,$i+1);
  case 4: return substr($h,0,$i).bytes(1,I64."$\0 ").substr($h,$i);
  case 5: $h[$i]=ctype_upper($h[$i])?strtolower($h[$i]):strtoupper($h[$i]); return $h;
  case 6: return bytes(1," \n\0\$").$h;
  default: $h[$l-1]=bytes(1,I64); return $h; } }
foreach(['2a','2b','2x','2y','1','5','6','des','ext'] as $kind) for($i=0;$i<$n;$i++){
  $p=pw(); $h=crypt($p,setting($kind)); if($h[0]=='*') continue;
  row("$kind random",$p,$h);
  if($i%2==0) row("$kind other password",pw(),$h);
  if($i%3==0) row("$kind cut at NUL",$p."\0tail",$h);
  if($i%4==0) { $m=mutate($h); if(!preg_match('/^\$2.\$(0[6-9]|[1-3])|rounds=\d{5}|^_..[^.]|^_...[^.]/s',$m)) row("$kind mutated",$p,$m); }
  if($kind[0]=='2') foreach(['2a','2b','2x','2y'] as $o) if($o!=$kind && $i%5==0) row("$kind relabelled $o",$p,'$'.$o.substr($h,3));
}
for($i=0;$i<$n;$i++) foreach(['argon2i','argon2id'] as $a){
  $t=mt_rand(1,3); $p=mt_rand(1,4); $m=mt_rand(8*$p,96); $w=pw();
  $h=password_hash($w,$a,['memory_cost'=>$m,'time_cost'=>$t,'threads'=>$p]);
  row("$a random",$w,$h); row("$a other password",pw(),$h);
  if($i%2==0){ $x=mutate($h); if(preg_match('/m=(\d{0,4}),t=\d,p=\d\$/',$x)||!preg_match('/m=/',$x)) row("$a mutated",$w,$x); }
}
if($n>60) exit; // the fixed cases once
$P='Secret123!';
foreach(['ID'=>'argon2id','I'=>'argon2i'] as $a){ $h=password_hash($P,$a,['memory_cost'=>64,'time_cost'=>2,'threads'=>2]);
  preg_match('/^\$(\w+)\$v=19\$m=64,t=2,p=2\$([^$]+)\$(.+)$/',$h,$q); [, $id,$s,$d]=$q;
  foreach(["\$$id\$v=19\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=19\$t=2,m=64,p=2\$$s\$$d","\$$id\$v=19\$m=64,p=2,t=2\$$s\$$d","\$$id\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=16\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=20\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=019\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=+19\$m=64,t=2,p=2\$$s\$$d","\$$id\$v=19\$m=064,t=2,p=2\$$s\$$d","\$$id\$v=19\$m=+64,t=2,p=2\$$s\$$d","\$$id\$v=19\$m= 64,t=2,p=2\$$s\$$d","\$$id\$v=19\$m=64, t=2,p=2\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=02\$$s\$$d","\$$id\$v=19\$m=15,t=2,p=2\$$s\$$d","\$$id\$v=19\$m=7,t=2,p=1\$$s\$$d","\$$id\$v=19\$m=0,t=2,p=1\$$s\$$d","\$$id\$v=19\$m=64,t=0,p=2\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=0\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=16777216\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=4294967296\$$s\$$d","\$$id\$v=19\$m=64,t=2\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=2,keyid=YQ\$$s\$$d","\$$id\$v=19\$m=64,t=2,p=2\$\$$d","\$$id\$v=19\$m=64,t=2,p=2\$$s\$","\$$id\$v=19\$m=64,t=2,p=2\$$s","\$$id\$v=19\$m=64,t=2,p=2\$YWJj\$$d","\$$id\$v=19\$m=64,t=2,p=2\$$s\$YWJj","\$$id\$v=19\$m=64,t=2,p=2\$$s==\$$d","\$$id\$v=19\$m=64,t=2,p=2\$$s\$$d=","\$$id\$v=19\$m=64,t=2,p=2\$$s\$$d ","$h\n"," $h","$h\0","$h\0junk","$h\$","$h\$x",substr($h,1),"x".substr($h,1),"\$\$id".substr($h,strlen($id)+1),strtoupper($id)."$h","\$$id\$v=19\$m=64,t=2,p=2\$".strtr($s,'+/','-_')."\$".strtr($d,'+/','-_'),"\$argon2\$v=19\$m=64,t=2,p=2\$$s\$$d","\$argon2d\$v=19\$m=64,t=2,p=2\$$s\$$d","\$argon2idx\$v=19\$m=64,t=2,p=2\$$s\$$d","\${$id}v=19\$m=64,t=2,p=2\$$s\$$d",'$'.($id=='argon2i'?'argon2id':'argon2i').substr($h,strlen($id)+1)] as $x) row("$id form",$P,$x);
  foreach([chr(ord(substr($s,-1))+1),'B','C','D'] as $c) row("$id salt spare bits",$P,"\$$id\$v=19\$m=64,t=2,p=2\$".substr($s,0,-1).$c."\$$d");
}
foreach(file(__DIR__.'/argon.txt',FILE_IGNORE_NEW_LINES) as $h) row('argon2 shape',$P,$h);
foreach(['$5$','$6$'] as $k) foreach(['rounds=999$abc','rounds=1000$abc','rounds=01000$abc','rounds=abc$xyz','rounds=$abc','rounds= $abc','rounds= 1000$abc',"rounds=\t1000\$abc","rounds=\v1000\$abc","rounds=\xa01000\$",'rounds=+$abc','rounds=-$abc','rounds=+1000$abc','rounds=-1000$abc','rounds=1000$','rounds=1000$$','rounds=1000','rounds=1000x$abc','rounds=0x400$abc','rounds=1e3$','rounds=1000 $abc','rounds=+-10$','rounds=1000000000$abc','rounds=18446744073709552616$abc','rounds=99999999999999999999999$a','ROUNDS=1000$abc','Rounds=1000$','round=1000$abc','rounds$','rounds=','rounds=1000$rounds=2000$','rounds=1000$rounds=1001$abc','','$','abcdefghijklmnop$','abcdefghijklmnopq$','*0$','a:b$'] as $t){
  $h=crypt($P,$k.$t); row('sha setting',$P,$h); $e=substr($h,strrpos($h,'$')+1);
  foreach([$k.$t.$e,$k.$t.'$'.$e,$k.rtrim($t,'$').'$'.$e] as $x) row('sha as written',$P,$x); row('sha wrong',$P.'x',$h);
  row('sha longer',$P,$h.'$'); row('sha longer',$P,$h."\0"); row('sha shorter',$P,substr($h,0,-1)); }
foreach(['$1$','$1$$','$1$abcdefgh$','$1$abcdefghi$','$1$a:b$',"\$1\$a\nb\$","\$1\$\xe9\$",'$1$*0$','$1$ $'] as $t) foreach([$P,'',"a","\0","\xff\x80"] as $p){ $h=crypt($p,$t); row('md5-crypt setting',$p,$h); $e=substr($h,strrpos($h,'$')+1); row('md5-crypt as written',$p,rtrim($t,'$').'$'.$e); row('md5-crypt longer',$p,$h.'$'); row('md5-crypt NUL',$p,$h."\0"); row('md5-crypt NUL',$p,str_replace('$1$',"\$1\$\0",$h));}
foreach(['..','//','zz','Az','9.','./'] as $t) foreach(['','a','12345678','123456789',"\x80","\xe9t\xe9","a\0b",'        '] as $p){ $h=crypt($p,$t); row('des',$p,$h); row('des eight',substr($p,0,8).'tail',$h); row('des seven bits',$p^str_repeat("\x80",strlen($p)),$h);
  row('des longer',$p,$h.'.'); row('des shorter',$p,substr($h,0,-1)); row('des case',$p,strrev($h)); }
foreach(['_/...rasm','_0.......','_zz..zzzz','_J9..rasm','_.0..abcd'] as $t) foreach(['','a','12345678','123456789','1234567812345678',"\x80\xff","caf\xc3\xa9 au lait, s'il vous pla\xc3\xaet","a\0b",str_repeat('x',100)] as $p){ $h=crypt($p,$t); row('ext des',$p,$h); row('ext des eight',substr($p,0,8).'tail',$h); row('ext des longer',$p,$h.'.'); row('ext des shorter',$p,substr($h,0,-1)); row('ext des zero count',$p,'_....'.substr($h,5)); }
foreach(['','*','*0','*1','*0aaaaaaaaaaa','_','_....','$','$1','$1$','$2','$2y','$5$','$6$','a','ab','a:bbbbbbbbbbb','abcdefghijklm','ab$cdefghijkl','é2345678901234','$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC','$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D','$apr1$abcdefgh$kRFyzzf8lKU8WdqyfwOTb/','$sha1$4$abc$','$md5$abc$','$3$$8846f7eaee8fb117ad06bdd830b7586c'] as $h) foreach([$P,'','0'] as $p) row('malformed',$p,$h);
foreach(['2a','2b','2x','2y'] as $k) foreach(["\xff\xff\xa3","\xff\xa3","\xff\xff\xff\xa3","\xa3","1\xa3 345","\xff\xa3345","\xff\xa334\xff\xff\xff\xa3345","\xff\xa334\xff\xff\xff\xa3345\xff",str_repeat("\xff",72),str_repeat("\xaa",72).'chars after 72 are ignored as usual',str_repeat("\xaa\x55",36),str_repeat("\x55\xaa\xff",24),'',"\0","a\0b",str_repeat('é',36),str_repeat('é',36).'x',str_repeat('a',71).'é'] as $p){ $h=crypt($p,"\$$k\$05\$/OK.fbVrR/bpIqNJ5ianF."); row("$k key",$p,$h); foreach(['2a','2b','2x','2y','2','2c','2z','2Y','2X','2A'] as $o) if($o!=$k) row("$k key as $o",$p,'$'.$o.substr($h,3)); }
$h=crypt($P,'$2y$04$N9qo8uLOickgx2ZMRZoMye');
foreach([substr($h,0,59),$h.'.',$h."\0",$h."\n",' '.$h,"\0".$h,str_replace('$04$','$4$',$h),str_replace('$04$','$+4$',$h),str_replace('$04$','$ 4$',$h),str_replace('$04$','$004$',$h),str_replace('$04$','$03$',$h),str_replace('$04$','$00$',$h),str_replace('$04$','$32$',$h),str_replace('$04$','$39$',$h),str_replace('$04$','$40$',$h),str_replace('$04$','$99$',$h),str_replace('$04$','$0a$',$h),str_replace('$04$','$:4$',$h),str_replace('$04$','$04.',$h),str_replace('$04$','$04',$h),substr($h,0,28).'f'.substr($h,29),substr($h,0,28).'/'.substr($h,29),substr($h,0,10).'!'.substr($h,11),substr($h,0,10)."\xe9".substr($h,11),substr($h,0,40).'!'.substr($h,41),substr($h,0,40)."\0".substr($h,41),strtoupper($h),strtolower($h),'$2y$04$'] as $x) row('bcrypt form',$P,$x);
foreach(str_split(I64) as $c){ row('bcrypt 22nd',$P,substr($h,0,28).$c.substr($h,29)); row('bcrypt last',$P,substr($h,0,59).$c); }
