"""Parts of addresses on the net that are read as words."""

from audio.script.tables import pairs

MARKS = {".": "chấm", "@": "a còng", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới"}

_LABELS = """
dichvucong=dịch vụ công|dvc=dê vê xê|dichvu=dịch vụ|congan=công an|chinhphu=chính phủ|quochoi=quốc hội
baochinhphu=báo chính phủ|thutuc=thủ tục|hanhchinh=hành chính|hanhchinhcong=hành chính công|motcua=một cửa
ubnd=u bê nờ dê|hdnd=hát dê nờ dê|mttq=mờ tê tê quy|bocongan=bộ công an|boyte=bộ y tế
bhxh=bê hát ích hát|baohiemxahoi=bảo hiểm xã hội|vssid=vê ét ét ai đi|vneid=vê nờ e ai đi|thue=thuế
tracuu=tra cứu|tuyensinh=tuyển sinh|thituyensinh=thi tuyển sinh|truyenthanh=truyền thanh|thongtin=thông tin
tintuc=tin tức|lienhe=liên hệ|dangky=đăng ký|huongdan=hướng dẫn|phongchong=phòng chống|thientai=thiên tai
phongchongthientai=phòng chống thiên tai|kttv=ca tê tê vê|nchmf=nờ xê hát mờ ép|thoitiet=thời tiết
datdai=đất đai|nongnghiep=nông nghiệp|nongthon=nông thôn|moitruong=môi trường|giaoduc=giáo dục|yte=y tế
tiemchung=tiêm chủng|suckhoe=sức khỏe|benhvien=bệnh viện|truonghoc=trường học|vanhoa=văn hóa|dulich=du lịch
dienluc=điện lực|evn=e vê nờ|npc=nờ pê xê|cskh=xê ét ca hát|chamsockhachhang=chăm sóc khách hàng
khachhang=khách hàng|nuocsach=nước sạch|xa=xã|huyen=huyện|tinh=tỉnh|phuong=phường|congbao=công báo
vanban=văn bản|phapluat=pháp luật|baucu=bầu cử|nghiavuquansu=nghĩa vụ quân sự|dancu=dân cư|canhbao=cảnh báo
gov=gov|vn=vn|com=com|edu=edu|org=org|net=net|gmail=gmail|yahoo=yahoo|hotmail=hotmail|outlook=outlook
facebook=facebook|fb=facebook|zalo=zalo|youtube=youtube|google=google|forms=forms|bit=bit|fanpage=fanpage
info=info|app=app|mail=mail|email=email|online=online|portal=portal|smart=smart|tiktok=tiktok|sonla=sơn la
hanoi=hà nội|hochiminhcity=hồ chí minh city|laocai=lào cai|yenbai=yên bái|dienbien=điện biên|laichau=lai châu
hoabinh=hòa bình|phutho=phú thọ|thainguyen=thái nguyên|tuyenquang=tuyên quang|caobang=cao bằng|langson=lạng sơn
bacgiang=bắc giang|bacninh=bắc ninh|quangninh=quảng ninh|haiphong=hải phòng|hungyen=hưng yên|ninhbinh=ninh bình
thanhhoa=thanh hóa|nghean=nghệ an|hatinh=hà tĩnh|quangtri=quảng trị|hue=huế|danang=đà nẵng|quangngai=quảng ngãi
gialai=gia lai|daklak=đắk lắk|khanhhoa=khánh hòa|lamdong=lâm đồng|dongnai=đồng nai|tayninh=tây ninh
vinhlong=vĩnh long|dongthap=đồng tháp|camau=cà mau|angiang=an giang|cantho=cần thơ|yenchau=yên châu
mocchau=mộc châu|maison=mai sơn|thuanchau=thuận châu|agribank=agribank|vietcombank=vietcombank|viettel=viettel
vnpt=vê nờ pê tê|mobifone=mobifone|vinaphone=vinaphone|website=website|admin=admin|contact=contact
vanthu=văn thư|thongbao=thông báo|tuyengiao=tuyên giáo|phongvanhoa=phòng văn hóa|vanphong=văn phòng
baochi=báo chí|xaydung=xây dựng|kinhte=kinh tế|login=login|home=home|baocao=báo cáo|hethong=hệ thống
dangnhap=đăng nhập|quanly=quản lý|daotao=đào tạo|tuyendung=tuyển dụng|vieclam=việc làm|chuyendoiso=chuyển đổi số
gopy=góp ý|toasoan=tòa soạn|baosonla=báo sơn la|nganhang=ngân hàng
tuphap=tư pháp|noivu=nội vụ|quandoi=quân đội|baohiem=bảo hiểm|hoso=hồ sơ|chinhsach=chính sách
"""

LABELS = pairs(_LABELS)
