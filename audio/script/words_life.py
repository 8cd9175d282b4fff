"""Abbreviations of daily life: health, school, farming, trade, titles, places, and short forms of common words."""

from audio.script.tables import pairs

_LIFE = """
BHYT=bảo hiểm y tế|BHXH=bảo hiểm xã hội|BHTN=bảo hiểm thất nghiệp|BHTNDS=bảo hiểm trách nhiệm dân sự
BHNT=bảo hiểm nhân thọ|BHYTTD=bảo hiểm y tế toàn dân|BHXH,BHYT=bảo hiểm xã hội, bảo hiểm y tế|KCB=khám chữa bệnh
CSSK=chăm sóc sức khỏe|CSSKSS=chăm sóc sức khỏe sinh sản|CSSKBĐ=chăm sóc sức khỏe ban đầu|SKSS=sức khỏe sinh sản
KHHGĐ=kế hoạch hóa gia đình|DS-KHHGĐ=dân số, kế hoạch hóa gia đình|DSKHHGĐ=dân số kế hoạch hóa gia đình
SDD=suy dinh dưỡng|ATTP=an toàn thực phẩm|ATVSTP=an toàn vệ sinh thực phẩm|VSATTP=vệ sinh an toàn thực phẩm
VSTP=vệ sinh thực phẩm|TCMR=tiêm chủng mở rộng|SXH=sốt xuất huyết|TCM=tay chân miệng|NĐTP=ngộ độc thực phẩm
SDTE=suy dinh dưỡng trẻ em|YHCT=y học cổ truyền|BSCKI=bác sĩ chuyên khoa một|BSCKII=bác sĩ chuyên khoa hai
BVĐK=bệnh viện đa khoa|TTYT=trung tâm y tế|HIV/AIDS=hát i vê ết|HIV=hát i vê|AIDS=ết|DTLCP=dịch tả lợn châu Phi
LMLM=lở mồm long móng|VDNC=viêm da nổi cục|CGC=cúm gia cầm|KSGM=kiểm soát giết mổ|BVTV=bảo vệ thực vật
TT&BVTV=trồng trọt và bảo vệ thực vật|CN&TY=chăn nuôi và thú y|TTBVTV=trồng trọt bảo vệ thực vật
NLN=nông lâm nghiệp|NLTS=nông lâm thủy sản|NLKH=nông lâm kết hợp|KTCTTL=khai thác công trình thủy lợi
KTTL=khai thác thủy lợi|CTTL=công trình thủy lợi|KNV=khuyến nông viên|TTKN=trung tâm khuyến nông
DVNN=dịch vụ nông nghiệp|THCS=trung học cơ sở|THPT=trung học phổ thông|TH&THCS=tiểu học và trung học cơ sở
TH-THCS=tiểu học, trung học cơ sở|THCS&THPT=trung học cơ sở và trung học phổ thông
TH, THCS=tiểu học, trung học cơ sở|GDMN=giáo dục mầm non|GDTH=giáo dục tiểu học|GDPT=giáo dục phổ thông
PCGD=phổ cập giáo dục|XMC=xóa mù chữ|PCGD-XMC=phổ cập giáo dục, xóa mù chữ|GVCN=giáo viên chủ nhiệm
GVMN=giáo viên mầm non|CMHS=cha mẹ học sinh|PHHS=phụ huynh học sinh|HSSV=học sinh sinh viên|HSG=học sinh giỏi
SGK=sách giáo khoa|ĐHCĐ=đại học, cao đẳng|TNTHPT=tốt nghiệp trung học phổ thông|GD=giáo dục
GD&ĐT=giáo dục và đào tạo|GDĐT=giáo dục và đào tạo|GD-ĐT=giáo dục đào tạo|BGDĐT=bộ giáo dục và đào tạo
ĐHQGHN=đại học quốc gia Hà Nội|XHH=xã hội hóa|XHHGD=xã hội hóa giáo dục|KNS=kỹ năng sống
TP.HCM=thành phố Hồ Chí Minh|TPHCM=thành phố Hồ Chí Minh|TP HCM=thành phố Hồ Chí Minh
Tp.HCM=thành phố Hồ Chí Minh|TP. HCM=thành phố Hồ Chí Minh|Tp. HCM=thành phố Hồ Chí Minh|HCM=Hồ Chí Minh
BRVT=Bà Rịa Vũng Tàu|TT-Huế=Thừa Thiên Huế|TP.=thành phố|Tp.=thành phố|Tp=thành phố|TX.=thị xã|Tx.=thị xã
TT.=thị trấn|Tt.=thị trấn|VN=Việt Nam|ĐNÁ=đông nam á|ĐBSCL=đồng bằng sông Cửu Long|ĐBSH=đồng bằng sông Hồng
BĐS=bất động sản|ĐKNVQS=đăng ký nghĩa vụ quân sự|SĐT=số điện thoại|Sđt=số điện thoại|sđt=số điện thoại
ĐTDĐ=điện thoại di động|DĐ=di động|ĐTCQ=điện thoại cơ quan|ĐTLH=điện thoại liên hệ|SDT=số điện thoại
sdt=số điện thoại|STK=số tài khoản|stk=số tài khoản|TK=tài khoản|MST=mã số thuế|STT=số thứ tự
TNHH=trách nhiệm hữu hạn|MTV=một thành viên|CTCP=công ty cổ phần|Cty=công ty|CTY=công ty|cty=công ty
DNTN=doanh nghiệp tư nhân|DNNN=doanh nghiệp nhà nước|DNNVV=doanh nghiệp nhỏ và vừa|SXTM=sản xuất thương mại
TMĐT=thương mại điện tử|TM&DV=thương mại và dịch vụ|TM-DV=thương mại dịch vụ|DVTM=dịch vụ thương mại
XNK=xuất nhập khẩu|GTGT=giá trị gia tăng|TNCN=thu nhập cá nhân|TNDN=thu nhập doanh nghiệp|VAT=vê a tê
LPTB=lệ phí trước bạ|CLB=câu lạc bộ|VĐV=vận động viên|HLV=huấn luyện viên|BTC=ban tổ chức|VĐQG=vô địch quốc gia
MC=em xi|PTCS=phổ thông cơ sở|KTX=ký túc xá|BCVT=bưu chính viễn thông|BĐ-VHX=bưu điện văn hóa xã
ĐTH=đài truyền hình|ĐPT-TH=đài phát thanh truyền hình|TTCS=truyền thanh cơ sở|ĐTT=đài truyền thanh
HTTT=hệ thống truyền thanh|TTTM=trung tâm thương mại|KDTM=kinh doanh thương mại|TBA=trạm biến áp|ĐZ=đường dây
QLVH=quản lý vận hành|HLATLĐ=hành lang an toàn lưới điện|HLLĐ=hành lang lưới điện|CTĐL=công ty điện lực
QL=quốc lộ|TL=tỉnh lộ|HL=hương lộ|ATTT=an toàn thông tin|KBGDTH=kịch bản|ATNĐ=áp thấp nhiệt đới
KKL=không khí lạnh|KV=khu vực|KP=khu phố|TTr=tờ trình|NQ=nghị quyết|NĐ=nghị định|QĐ=quyết định
NĐ-CP=nghị định chính phủ|NQ/TW=nghị quyết trung ương|QĐ-TTg=quyết định thủ tướng
QĐ-UBND=quyết định ủy ban nhân dân|NQ-HĐND=nghị quyết hội đồng nhân dân|NQ-CP=nghị quyết chính phủ
PGS.TS=phó giáo sư tiến sĩ|PGS.TS.=phó giáo sư tiến sĩ|PGS,TS=phó giáo sư tiến sĩ|GS.TS=giáo sư tiến sĩ
GS.TS.=giáo sư tiến sĩ|PGS.=phó giáo sư|PGS=phó giáo sư|GS.=giáo sư|GS=giáo sư|TS.=tiến sĩ|ThS.=thạc sĩ
ThS=thạc sĩ|Ths=thạc sĩ|Ths.=thạc sĩ|Th.S=thạc sĩ|BS.=bác sĩ|Bs.=bác sĩ|BSCK=bác sĩ chuyên khoa
BS CKI=bác sĩ chuyên khoa một|BS CKII=bác sĩ chuyên khoa hai|KS.=kỹ sư|Ks.=kỹ sư|NSƯT=nghệ sĩ ưu tú
NSND=nghệ sĩ nhân dân|NGƯT=nhà giáo ưu tú|NGND=nhà giáo nhân dân|LS.=luật sư|đ/đ=đại diện|V/v=về việc
v/v=về việc|V/V=về việc|K/g=kính gửi|k/g=kính gửi|v.v.=vân vân|v.v...=vân vân|v.v…=vân vân|v.v=vân vân
vv...=vân vân|vv…=vân vân|vs=với|ko=không|đc=được|bsung=bổ sung|t/h=thực hiện|đ/v=đối với|Đ/v=đối với
q/định=quy định|h/s=học sinh|k/h=kế hoạch|T/M=thay mặt|T/m=thay mặt|TM.=thay mặt|KT.=ký thay|TL.=thừa lệnh
TUQ.=thừa ủy quyền|Q.CT=quyền chủ tịch|P.CT=phó chủ tịch|P/s=phụ chú|N/A=không có|TH/p=thành phố|T/p=thành phố
t/p=thành phố|TP/=thành phố|LHQ=liên hợp quốc|TTO=tê tê o|KTV=kỹ thuật viên|NVYT=nhân viên y tế
NVYTTB=nhân viên y tế thôn bản|YTTB=y tế thôn bản|CTV=cộng tác viên|CTVDS=cộng tác viên dân số
TNV=tình nguyện viên|BN=bệnh nhân|TNTT=tai nạn thương tích|PCĐN=phòng chống đuối nước|BLGĐ=bạo lực gia đình
PCBLGĐ=phòng chống bạo lực gia đình|BĐG=bình đẳng giới|TE=trẻ em|BVCSTE=bảo vệ chăm sóc trẻ em
VSTBPN=vì sự tiến bộ phụ nữ|ĐHĐB=đại hội đại biểu|ĐH=đại học|KHTN=khoa học tự nhiên|KHXH=khoa học xã hội
HKI=học kỳ một|HKII=học kỳ hai|HK1=học kỳ một|HK2=học kỳ hai|HĐTN=hoạt động trải nghiệm|CSVC=cơ sở vật chất
TBDH=thiết bị dạy học|QTMT=quan trắc môi trường|NSH=nước sinh hoạt|NS&VSMT=nước sạch và vệ sinh môi trường
NSVSMT=nước sạch vệ sinh môi trường|NSVSMTNT=nước sạch và vệ sinh môi trường nông thôn|TTNS=trung tâm nước sạch
HVS=hợp vệ sinh|NVS=nhà vệ sinh|HGĐ=hộ gia đình|TK&VV=tiết kiệm và vay vốn|TKVV=tiết kiệm vay vốn
GQVL=giải quyết việc làm|VSMTNT=vệ sinh môi trường nông thôn|SXKDVKK=sản xuất kinh doanh vùng khó khăn
BKS=biển kiểm soát|ĐKHKTT=đăng ký hộ khẩu thường trú|ĐKTT=đăng ký thường trú|ĐƠĐN=đền ơn đáp nghĩa
TDND=tín dụng nhân dân|QG=quốc gia|NH=ngân hàng|SARS-CoV-2=sa cô vi hai|PM2.5=pê em hai chấm năm
CHQS=chỉ huy quân sự|KVPT=khu vực phòng thủ|CAX=công an xã|CAP=công an phường|pH=pê hát|dầu DO=dầu đê ô
ÂL=âm lịch|AL=âm lịch|ƯĐ=ưu đãi|NƠXH=nhà ở xã hội|XĐGN=xóa đói giảm nghèo|GNBV=giảm nghèo bền vững|HN=hộ nghèo
HCN=hộ cận nghèo|XNT=xóa nhà tạm|NTDN=nhà tạm, nhà dột nát|NĐT=nhà đầu tư|TNBQ=thu nhập bình quân|BQ=bình quân
GRDP=giê rờ đê pê|GDP=giê đê pê|FDI=ép đê i|ODA=ô đê a|ATM=a tê mờ|USB=u ét bê|QR=quy rờ|OTP=ô tê pê|PIN=pin
SMS=ét em ét|GPS=giê pê ét|AI=ây ai|IT=ai ti|ID=ai đi|TV=ti vi|VNeID=vê nờ e ai đi|VNEID=vê nờ e ai đi
VssID=vê ét ét ai đi|VSSID=vê ét ét ai đi|eKYC=e ca y xê|VIP=víp|KOL=ca o en lờ|SOS=ét o ét
FAQ=câu hỏi thường gặp|PDF=pê đê ép|ISO=i sô|VietGAP=việt gáp|VietGap=việt gáp|GAP=gáp|NPK=nờ pê ca|UREA=u rê
DAP=đáp|ĐX=đông xuân|HT=hè thu|TGĐ=tổng giám đốc|HĐQT=hội đồng quản trị|CO2=xê ô hai|CO₂=xê ô hai|H2O=hát hai ô
NO2=nờ ô hai|SO2=ét ô hai|O2=ô hai|âl=âm lịch|dl=dương lịch|ATXH=an toàn xã hội|TB&XH=thương binh và xã hội
TN-MT=tài nguyên môi trường|KH-CN=khoa học công nghệ|TTLT=thông tư liên tịch|UB=ủy ban
ĐKTTV=đài khí tượng thủy văn|TBĐ=tờ bản đồ|HNK=đất trồng cây hàng năm khác|LUC=đất chuyên trồng lúa
ODT=đất ở đô thị|RSX=đất rừng sản xuất|FM=ép em|C.ty=công ty|C.Ty=công ty|c.ty=công ty|đt=điện thoại
KK=khuyến khích|CTMT=công tác mặt trận|ĐGTS=đấu giá tài sản|QSH=quyền sở hữu|T.P.=thành phố|T.P=thành phố
TP.Hà Nội=thành phố Hà Nội|CKI=chuyên khoa một|CKII=chuyên khoa hai|ThS.BS=thạc sĩ bác sĩ|TS.BS=tiến sĩ bác sĩ
MG=mẫu giáo
"""

LIFE = pairs(_LIFE)
