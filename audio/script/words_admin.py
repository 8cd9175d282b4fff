"""Abbreviations of administration, party, land, order and society that mean one thing wherever they stand."""

from audio.script.tables import pairs

_ADMIN = """
UBND=ủy ban nhân dân|UBNN=ủy ban nhân dân|HĐND=hội đồng nhân dân|HĐND-UBND=hội đồng nhân dân, ủy ban nhân dân
MTTQ=mặt trận tổ quốc|UBMTTQ=ủy ban mặt trận tổ quốc|UBMTTQVN=ủy ban mặt trận tổ quốc Việt Nam
UBMT=ủy ban mặt trận|UB MTTQ=ủy ban mặt trận tổ quốc|MTTQVN=mặt trận tổ quốc Việt Nam|UBKT=ủy ban kiểm tra
UBTVQH=ủy ban thường vụ quốc hội|ĐBQH=đại biểu quốc hội|ĐĐBQH=đoàn đại biểu quốc hội
ĐB HĐND=đại biểu hội đồng nhân dân|UBBC=ủy ban bầu cử|HĐBC=hội đồng bầu cử|BCĐ=ban chỉ đạo
BCHQS=ban chỉ huy quân sự|BCH QS=ban chỉ huy quân sự|BCHTW=ban chấp hành trung ương|BTV=ban thường vụ
BTC=ban tổ chức|BGH=ban giám hiệu|BGĐ=ban giám đốc|BTG=ban tuyên giáo|BDV=ban dân vận|BTCTU=ban tổ chức tỉnh ủy
BKT=ban kinh tế|BNC=ban nội chính|BNV=bộ nội vụ|BCA=bộ công an|BQP=bộ quốc phòng|BTP=bộ tư pháp|BYT=bộ y tế
BTTTT=bộ thông tin và truyền thông|BXD=bộ xây dựng|BCT=bộ chính trị|TTCP=thanh tra chính phủ
TTPVHCC=trung tâm phục vụ hành chính công|TTHCC=trung tâm hành chính công|HCC=hành chính công
PVHCC=phục vụ hành chính công|TT PVHCC=trung tâm phục vụ hành chính công
TT-PVHCC=trung tâm phục vụ hành chính công|TT HCC=trung tâm hành chính công|BPMC=bộ phận một cửa
BPTN&TKQ=bộ phận tiếp nhận và trả kết quả|TTHC=thủ tục hành chính|CCHC=cải cách hành chính|QLNN=quản lý nhà nước
VPHC=vi phạm hành chính|XPVPHC=xử phạt vi phạm hành chính|XLVPHC=xử lý vi phạm hành chính
VBQPPL=văn bản quy phạm pháp luật|QPPL=quy phạm pháp luật|PBGDPL=phổ biến giáo dục pháp luật
TGPL=trợ giúp pháp lý|HGV=hòa giải viên|DVC=dịch vụ công|DVCTT=dịch vụ công trực tuyến
DVCQG=dịch vụ công quốc gia|CĐS=chuyển đổi số|CNTT=công nghệ thông tin
CNTT-TT=công nghệ thông tin và truyền thông|CSDL=cơ sở dữ liệu|TTTT=thông tin truyền thông
CQĐT=chính quyền điện tử|TCNSCĐ=tổ công nghệ số cộng đồng|CNSCĐ=công nghệ số cộng đồng|ANM=an ninh mạng
CCCD=căn cước công dân|CMND=chứng minh nhân dân|CMTND=chứng minh thư nhân dân|CMT=chứng minh thư
ĐDĐT=định danh điện tử|ĐDCN=định danh cá nhân|SHK=sổ hộ khẩu|HKTT=hộ khẩu thường trú|GPLX=giấy phép lái xe
GKS=giấy khai sinh|ĐKKH=đăng ký kết hôn|ĐKKD=đăng ký kinh doanh|GCN=giấy chứng nhận|HKD=hộ kinh doanh
GCNQSDĐ=giấy chứng nhận quyền sử dụng đất|GCN QSDĐ=giấy chứng nhận quyền sử dụng đất|QSDĐ=quyền sử dụng đất
QSD=quyền sử dụng|QSHNƠ=quyền sở hữu nhà ở|GPMB=giải phóng mặt bằng|BT-GPMB=bồi thường giải phóng mặt bằng
BTGPMB=bồi thường giải phóng mặt bằng|BT,GPMB=bồi thường, giải phóng mặt bằng|TĐC=tái định cư
BTHT=bồi thường hỗ trợ|HT-TĐC=hỗ trợ tái định cư|BTHTTĐC=bồi thường, hỗ trợ, tái định cư
QH-KH=quy hoạch, kế hoạch|SDĐ=sử dụng đất|KHSDĐ=kế hoạch sử dụng đất|QHSDĐ=quy hoạch sử dụng đất|CLN=cây lâu năm
BHK=bằng hàng năm khác|ONT=đất ở nông thôn|NTTS=nuôi trồng thủy sản|NN&PTNT=nông nghiệp và phát triển nông thôn
NN&MT=nông nghiệp và môi trường|PTNT=phát triển nông thôn|XDNTM=xây dựng nông thôn mới|NTM=nông thôn mới
NTMNC=nông thôn mới nâng cao|NTMKM=nông thôn mới kiểu mẫu|MTQG=mục tiêu quốc gia
CTMTQG=chương trình mục tiêu quốc gia|OCOP=ô cốp|KT-XH=kinh tế xã hội|KTXH=kinh tế xã hội|KT - XH=kinh tế xã hội
QP-AN=quốc phòng an ninh|QPAN=quốc phòng an ninh|QP - AN=quốc phòng an ninh|VH-XH=văn hóa xã hội
VHXH=văn hóa xã hội|VH-TT=văn hóa thể thao|VHTT=văn hóa thể thao|VHVN=văn hóa văn nghệ|VH-VN=văn hóa văn nghệ
TDTT=thể dục thể thao|VHTTDL=văn hóa thể thao và du lịch|NVH=nhà văn hóa|VHTDTT=văn hóa thể dục thể thao
VN-TDTT=văn nghệ, thể dục thể thao|KDC=khu dân cư|TDP=tổ dân phố|BQT=ban quản trị
TDĐKXDĐSVH=toàn dân đoàn kết xây dựng đời sống văn hóa|ĐSVH=đời sống văn hóa|GĐVH=gia đình văn hóa
NVQS=nghĩa vụ quân sự|KTQS=kỹ thuật quân sự|QSĐP=quân sự địa phương|DQTV=dân quân tự vệ|DBĐV=dự bị động viên
QNDB=quân nhân dự bị|SQDB=sĩ quan dự bị|GDQP=giáo dục quốc phòng|GDQP&AN=giáo dục quốc phòng và an ninh
QPTD=quốc phòng toàn dân|ANTT=an ninh trật tự|ANTQ=an ninh tổ quốc|ANCT=an ninh chính trị
TTATXH=trật tự an toàn xã hội|TTATGT=trật tự an toàn giao thông|ATGT=an toàn giao thông|TNGT=tai nạn giao thông
TTGT=trật tự giao thông|HLATGT=hành lang an toàn giao thông|TTATCC=trật tự an toàn công cộng
BVANTQ=bảo vệ an ninh tổ quốc|ANCS=an ninh cơ sở|BVANTTCS=bảo vệ an ninh trật tự cơ sở
ANTTCS=an ninh trật tự cơ sở|PCTP=phòng chống tội phạm|PCMT=phòng chống ma túy|PCCC=phòng cháy chữa cháy
PCCC&CNCH=phòng cháy chữa cháy và cứu nạn cứu hộ|PCCC-CNCH=phòng cháy chữa cháy và cứu nạn cứu hộ
CNCH=cứu nạn cứu hộ|PCCCR=phòng cháy chữa cháy rừng|TKCN=tìm kiếm cứu nạn|PCTT=phòng chống thiên tai
PCTT&TKCN=phòng chống thiên tai và tìm kiếm cứu nạn|PCTT-TKCN=phòng chống thiên tai và tìm kiếm cứu nạn
PTDS=phòng thủ dân sự|PCLB=phòng chống lụt bão|PCTN=phòng chống tham nhũng|PCD=phòng chống dịch
TTPC=tuyên truyền phòng chống|TNXP=thanh niên xung phong|CCB=cựu chiến binh|CTĐ=chữ thập đỏ|HPN=hội phụ nữ
LHPN=liên hiệp phụ nữ|ĐTN=đoàn thanh niên|HND=hội nông dân|HCCB=hội cựu chiến binh|HNCT=hội người cao tuổi
NCT=người cao tuổi|HNCCB=hội cựu chiến binh|TNCS=thanh niên cộng sản|TNCSHCM=thanh niên cộng sản Hồ Chí Minh
TNTP=thiếu niên tiền phong|ĐVTN=đoàn viên thanh niên|CĐCS=công đoàn cơ sở|LĐLĐ=liên đoàn lao động
CNVC=công nhân viên chức|CNVCLĐ=công nhân viên chức lao động|CBCC=cán bộ công chức
CBCCVC=cán bộ công chức viên chức|CBĐV=cán bộ đảng viên|CBCNV=cán bộ công nhân viên|CBCS=cán bộ chiến sĩ
CC,VC=công chức, viên chức|VC=viên chức|NLĐ=người lao động|NSDLĐ=người sử dụng lao động|HĐLĐ=hợp đồng lao động
XKLĐ=xuất khẩu lao động|ATVSLĐ=an toàn vệ sinh lao động|TNLĐ=tai nạn lao động|BNN=bệnh nghề nghiệp
XHCN=xã hội chủ nghĩa|CHXHCN=cộng hòa xã hội chủ nghĩa|CHXHCNVN=cộng hòa xã hội chủ nghĩa Việt Nam
CNXH=chủ nghĩa xã hội|CNH-HĐH=công nghiệp hóa hiện đại hóa|CNH, HĐH=công nghiệp hóa, hiện đại hóa
ĐCSVN=đảng cộng sản Việt Nam|ĐCS=đảng cộng sản|CBTW=cán bộ trung ương|TW=trung ương|TƯ=trung ương|T.Ư=trung ương
TTg=thủ tướng|TTgCP=thủ tướng chính phủ|ĐU=đảng ủy|ĐUX=đảng ủy xã|HTCT=hệ thống chính trị
HTCTCS=hệ thống chính trị cơ sở|CQĐP=chính quyền địa phương|PCT=phó chủ tịch|PBT=phó bí thư|PGĐ=phó giám đốc
HTX=hợp tác xã|THT=tổ hợp tác|LHHTX=liên hiệp hợp tác xã|KCN=khu công nghiệp|CCN=cụm công nghiệp|KKT=khu kinh tế
KĐT=khu đô thị|TTCN=tiểu thủ công nghiệp|CN-TTCN=công nghiệp, tiểu thủ công nghiệp|SXKD=sản xuất kinh doanh
SX-KD=sản xuất kinh doanh|SXNN=sản xuất nông nghiệp|KHKT=khoa học kỹ thuật|KHCN=khoa học công nghệ
TBKT=tiến bộ kỹ thuật|NSNN=ngân sách nhà nước|NSX=ngân sách xã|NSTW=ngân sách trung ương
NSĐP=ngân sách địa phương|TSCĐ=tài sản cố định|ĐTXD=đầu tư xây dựng|XDCB=xây dựng cơ bản
XDCT=xây dựng công trình|KTKT=kinh tế kỹ thuật|GTNT=giao thông nông thôn|KNTC=khiếu nại tố cáo
KN-TC=khiếu nại, tố cáo|TCD=tiếp công dân|BCA-C06=bộ công an|THADS=thi hành án dân sự|TAND=tòa án nhân dân
VKSND=viện kiểm sát nhân dân|BLHS=bộ luật hình sự|BLDS=bộ luật dân sự|BLLĐ=bộ luật lao động
LHPNVN=liên hiệp phụ nữ Việt Nam|ĐHTN=đại học thái nguyên|ĐTTS=đồng bào dân tộc thiểu số|DTTS=dân tộc thiểu số
ĐBDTTS=đồng bào dân tộc thiểu số|ĐBKK=đặc biệt khó khăn|NCUT=người có uy tín
DTTS&MN=dân tộc thiểu số và miền núi|ĐBDT=đồng bào dân tộc|QLBVR=quản lý bảo vệ rừng|BVR=bảo vệ rừng
BV&PTR=bảo vệ và phát triển rừng|DVMTR=dịch vụ môi trường rừng|BVMT=bảo vệ môi trường|VSMT=vệ sinh môi trường
ONMT=ô nhiễm môi trường|RTSH=rác thải sinh hoạt|CTRSH=chất thải rắn sinh hoạt|BĐKH=biến đổi khí hậu
ATLĐ=an toàn lao động|TKTĐ=tìm kiếm thi đua|TĐKT=thi đua khen thưởng|TĐ-KT=thi đua, khen thưởng|SNV=sở nội vụ
QSQ=quân sự quốc phòng|CQQS=cơ quan quân sự|ĐKVĐ=đăng ký vận động|BTTM=bộ tổng tham mưu|NKT=người khuyết tật
NCC=người có công|NNCĐDC=nạn nhân chất độc da cam|BTXH=bảo trợ xã hội|ASXH=an sinh xã hội|TGXH=trợ giúp xã hội
TCXH=trợ cấp xã hội|TNXH=tệ nạn xã hội|TBLS=thương binh liệt sĩ|TB-LS=thương binh liệt sĩ
TB-XH=thương binh xã hội|TBXH=thương binh xã hội|LĐTBXH=lao động thương binh và xã hội
LĐ-TBXH=lao động thương binh và xã hội|BMVNAH=bà mẹ Việt Nam anh hùng|VNAH=Việt Nam anh hùng
AHLLVT=anh hùng lực lượng vũ trang|AHLLVTND=anh hùng lực lượng vũ trang nhân dân|LLVT=lực lượng vũ trang
LLVTND=lực lượng vũ trang nhân dân|LLCT=lý luận chính trị|HKT=hội khuyến học
"""

ADMIN = pairs(_ADMIN)
