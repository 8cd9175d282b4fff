"""Abbreviations of offices, posts and paperwork, and the first parts that new ones are made with."""

from audio.script.tables import pairs

_WORK = """
ANQP=an ninh quốc phòng|BATGT=ban an toàn giao thông|UBATGT=ủy ban an toàn giao thông|BTT=ban thường trực
BBT=ban bí thư|CSVN=cộng sản Việt Nam|HĐH=hiện đại hóa|CNH=công nghiệp hóa|XDĐ=xây dựng đảng
ĐUV=đảng ủy viên|UV BTV=ủy viên ban thường vụ|UV BCH=ủy viên ban chấp hành|UVBTV=ủy viên ban thường vụ
UVBCH=ủy viên ban chấp hành|BTĐU=bí thư đảng ủy
PBTĐU=phó bí thư đảng ủy|BTCB=bí thư chi bộ|ĐVCT=đảng viên chính thức|CCVC=công chức viên chức
CBVC=cán bộ viên chức|CBQL=cán bộ quản lý|CBGV=cán bộ giáo viên|CBGVNV=cán bộ giáo viên nhân viên
CBCT=cán bộ chủ chốt|CB, CC=cán bộ, công chức|CB, CC, VC=cán bộ, công chức, viên chức|CĐ, ĐH=cao đẳng, đại học
CTXH=công tác xã hội|CTDV=công tác dân vận|CTCB=công tác cán bộ|ĐVT=đơn vị tính|ĐVHC=đơn vị hành chính
ĐVBC=đơn vị bầu cử|ĐKXD=đăng ký xây dựng|ĐKXT=đăng ký xét tuyển|ĐTM=đánh giá tác động môi trường
ĐTPT=đầu tư phát triển|ĐTC=đầu tư công|ĐTNCS=đoàn thanh niên cộng sản|GPXD=giấy phép xây dựng
GCNKH=giấy chứng nhận kết hôn|GTĐB=giao thông đường bộ|TTATGTĐB=trật tự an toàn giao thông đường bộ
HĐTV=hội đồng thành viên|HĐTS=hội đồng tuyển sinh|HĐKH=hội đồng khoa học|HĐTĐKT=hội đồng thi đua khen thưởng
HĐBCQG=hội đồng bầu cử quốc gia|HLHPN=hội liên hiệp phụ nữ|HLHTN=hội liên hiệp thanh niên
LHTN=liên hiệp thanh niên|HĐĐ=hội đồng đội|HSDT=hồ sơ dự thầu|HSMT=hồ sơ mời thầu|HCSN=hành chính sự nghiệp
KCHT=kết cấu hạ tầng|CSHT=cơ sở hạ tầng|CSKD=cơ sở kinh doanh|CSSX=cơ sở sản xuất|KTNN=kinh tế nông nghiệp
KTTT=kinh tế tập thể|KTTN=kinh tế tư nhân|KTGS=kiểm tra giám sát|ĐMST=đổi mới sáng tạo
KHCN&ĐMST=khoa học công nghệ và đổi mới sáng tạo|LLDQ=lực lượng dân quân|LLDQTV=lực lượng dân quân tự vệ
LMHTX=liên minh hợp tác xã|LĐNT=lao động nông thôn|CNC=công nghệ cao|NNCNC=nông nghiệp công nghệ cao
CLC=chất lượng cao|CTR=chất thải rắn|XLNT=xử lý nước thải|NLMT=năng lượng mặt trời|NLTT=năng lượng tái tạo
NSLĐ=năng suất lao động|NTLS=nghĩa trang liệt sĩ|NVL=nguyên vật liệu|PTBV=phát triển bền vững
PTGT=phương tiện giao thông|PTKTXH=phát triển kinh tế xã hội|PCBĐ=phòng chống bão lũ
PCTHTL=phòng chống tác hại thuốc lá|PCTNTC=phòng chống tham nhũng tiêu cực|QLĐĐ=quản lý đất đai
QLĐT=quản lý đô thị|QLRR=quản lý rủi ro|QHCT=quy hoạch chi tiết|QHXD=quy hoạch xây dựng|QCDC=quy chế dân chủ
QPĐP=quốc phòng địa phương|QĐNDVN=quân đội nhân dân Việt Nam|SKTT=sức khỏe tâm thần|BTVH=bổ túc văn hóa
TBKHKT=tiến bộ khoa học kỹ thuật|TCVN=tiêu chuẩn Việt Nam|QCVN=quy chuẩn Việt Nam|TTĐU=thường trực đảng ủy
TTHĐND=thường trực hội đồng nhân dân|TTUBND=thường trực ủy ban nhân dân|TTTU=thường trực tỉnh ủy
TTUBMTTQ=thường trực ủy ban mặt trận tổ quốc|BTTUBMTTQ=ban thường trực ủy ban mặt trận tổ quốc
BDCT=bồi dưỡng chính trị|DVTH=dịch vụ tổng hợp|DVNN=dịch vụ nông nghiệp|DVSNC=dịch vụ sự nghiệp công
TTND=thanh tra nhân dân|BTTND=ban thanh tra nhân dân|GSĐTCĐ=giám sát đầu tư cộng đồng
TTVHTT&TT=trung tâm văn hóa thể thao và truyền thông|TTVH-TT=trung tâm văn hóa thể thao
TT.PVHCC=trung tâm phục vụ hành chính công|TT.HCC=trung tâm hành chính công|TSC=tài sản công
TTXD=trật tự xây dựng|THCN=trung học chuyên nghiệp|TPCP=trái phiếu chính phủ|VLXD=vật liệu xây dựng
VBPL=văn bản pháp luật|VKSNDTC=viện kiểm sát nhân dân tối cao|TANDTC=tòa án nhân dân tối cao
VPĐP=văn phòng điều phối|VHNT=văn hóa nghệ thuật|VTNN=vật tư nông nghiệp|VTYT=vật tư y tế|TBYT=thiết bị y tế
YTDP=y tế dự phòng|YTCS=y tế cơ sở|CSSKND=chăm sóc sức khỏe nhân dân|NXB=nhà xuất bản|LH=liên hệ|L/h=liên hệ
TMCP=thương mại cổ phần|PGD=phòng giao dịch|BHTNLĐ=bảo hiểm tai nạn lao động|TCTK=tổng cục thống kê
KH-KT=khoa học kỹ thuật|CT-XH=chính trị xã hội|AN-QP=an ninh quốc phòng|AN-TT=an ninh trật tự|CB-CC=cán bộ công chức
CB-CC-VC=cán bộ công chức viên chức|CB,CC=cán bộ, công chức|CB,CC,VC=cán bộ, công chức, viên chức
ĐC-XD=địa chính xây dựng|ĐC-NN=địa chính nông nghiệp|TP-HT=tư pháp hộ tịch|TC-KT=tài chính kế toán
HTXDV=hợp tác xã dịch vụ|HTXNN=hợp tác xã nông nghiệp|HTXDVNN=hợp tác xã dịch vụ nông nghiệp
HTPL=hỗ trợ pháp lý|VPUB=văn phòng ủy ban|VPĐU=văn phòng đảng ủy|QLBV=quản lý bảo vệ|TTBYT=trang thiết bị y tế
CNTT&TT=công nghệ thông tin và truyền thông|HĐGD=hội đồng giáo dục
BVDP=bảo vệ dân phố|BVPTR=bảo vệ và phát triển rừng|ATPCCC=an toàn phòng cháy chữa cháy
"""

WORK = pairs(_WORK)

# "VPUBND", "HTXDVNN": what may stand before an abbreviation that is known by itself.
HEADS = pairs("""
VP=văn phòng|TT=trung tâm|BQL=ban quản lý|BCĐ=ban chỉ đạo|BTC=ban tổ chức|PCT=phó chủ tịch|HTX=hợp tác xã
THT=tổ hợp tác|GCN=giấy chứng nhận|PC=phòng chống|QL=quản lý|HĐ=hội đồng|BCH=ban chỉ huy|NH=ngân hàng
CTMTQG=chương trình mục tiêu quốc gia
""")
