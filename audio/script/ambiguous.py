"""Abbreviations that mean different things beside different words."""

from dataclasses import dataclass

from audio.script.tables import words

# Cues that are no words: a capitalised name, a figure of one to three digits, a year.
NAME, FIGURE, YEAR = "^", "#", "@"


@dataclass(frozen=True, slots=True)
class Sense:
    """A reading, taken when one of `before` ends or one of `after` begins beside it; with no cues, always."""

    spoken: str
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()

    @property
    def always(self) -> bool:
        """Whether it needs no cue."""
        return not self.before and not self.after


def _sense(spoken: str, before: str = "", after: str = "") -> Sense:
    return Sense(spoken, words(before), words(after))


_PLACES = "xã|phường|huyện|tỉnh|thành phố|thị xã|thị trấn|tp|tx|bản|thôn|quận|đặc khu"

_COMRADE_OR_ADDRESS = (
    _sense("đồng chí", before="các|mời|là|do|gặp|gửi|và|gồm|cho"),
    _sense("địa chỉ", after=":|tại|số|#|nhà|thôn|bản|xã|liên hệ|đường|nơi|tổ|khu"),
    _sense("đồng chí"),
)

AMBIGUOUS: dict[str, tuple[Sense, ...]] = {
    "TT": (
        _sense("thanh toán", before="phương thức"),
        _sense("thường trực", after="hđnd|hội đồng nhân dân|đảng ủy|đu|tỉnh ủy|tu|ubmttq|mttq|ủy ban mttq"),
        _sense(
            "trung tâm",
            after="y tế|kn|dvvl|csskss|văn hóa|vh|vhtt|dịch vụ|dvc|dvnn|hành chính|hcc|phục vụ|pvhcc|giáo dục|gdtx|"
            "gdnn|gdnn-gdtx|dạy nghề|học tập|"
            "htcđ|thương mại|bảo trợ|btxh|xã|huyện|tỉnh|khuyến nông|kiểm soát|ksbt|đăng ký|"
            "phát triển|quan trắc|chính trị|nước sạch|"
            "điều dưỡng|hội nghị|truyền thông|kỹ thuật|dân số|cụm|thể thao|anh ngữ|ngoại ngữ|"
            "công tác|xúc tiến|cứu hộ|nghiên cứu|giống",
        ),
        _sense("trực tiếp", before="phát thanh|truyền hình"),
        _sense("thông tư", before="theo|căn cứ|của", after="số|#|liên tịch"),
        _sense("thị trấn", after="^"),
        _sense("thông tin", before="cổng|hệ thống|trang|nguồn"),
        _sense("tuyên truyền", before="công tác"),
        _sense("thông tư", before="số"),
    ),
    "CT": (
        _sense(
            "chủ tịch",
            before="đ/c|đồng chí|ông|bà|phó|quyền",
            after="ubnd|hđnd|hội|hpn|hnd|ccb|mttq|nước|ub|ubmttq|" + _PLACES,
        ),
        _sense("chỉ thị", after="số|#", before="theo|căn cứ"),
        _sense("công ty", after="tnhh|cp|cổ phần|điện lực|môi trường|xăng dầu|^"),
        _sense("chương trình", after="mtqg|mục tiêu|hành động|giảm nghèo"),
        _sense("công trình", after="thủy lợi|nước|công cộng|đường|nhà"),
    ),
    "TH": (
        _sense("tiểu học", before="trường|cấp|bậc|trường ptdtbt", after="^|và thcs"),
        _sense("trường hợp", before="các|nhiều|mọi|những|một số|có"),
        _sense("thực hiện", before="tổ chức|kế hoạch|để|đã"),
    ),
    "MN": (
        _sense("mầm non", before="trường|lớp|bậc|cấp|giáo dục|gd|học phí", after="^|#"),
        _sense("miền núi", before="và|vùng|trung du"),
    ),
    "KH": (
        _sense("khách hàng", before="quý|mã|các|của|chăm sóc|số"),
        _sense("khoa học", after="kỹ thuật|công nghệ|kt|xã hội|tự nhiên"),
        _sense("kế hoạch"),
    ),
    "TB": (
        _sense("thương binh", before="gia đình|hạng|con", after="hạng|1/4|2/4|3/4|4/4"),
        _sense("thiết bị", before="trang|mua|lắp|vật tư"),
        _sense("trung bình", before="mức|học lực|loại"),
        _sense("tây bắc", before="phía|hướng|vùng"),
        _sense("trạm bơm", after="^"),
        _sense("thông báo"),
    ),
    "CA": (
        _sense(
            "công an",
            before="113|lực lượng|đ/c|trụ sở|cơ quan|trưởng|phó|ngành|bộ|đồng chí|báo|cán bộ|phòng|nhà",
            after="^|xã|phường|huyện|tỉnh|tp|tx|viên|thành phố|thị xã|thị trấn|chính quy|thôn|bản|khu vực|tp.",
        ),
    ),
    "BC": (_sense("báo cáo"),),
    "CV": (_sense("chuyên viên", before="ông|bà|đ/c|đồng chí|là"), _sense("công văn")),
    "HD": (_sense("hướng dẫn"),),
    "CĐ": (
        _sense(
            "cao đẳng", before="trường|và|đh|đại học|học|trình độ|sinh viên|hệ", after="nghề|sư phạm|y|đh|đại học|^"
        ),
        _sense("cộng đồng", before="học tập"),
        _sense("công điện", before="theo", after="số|#|khẩn"),
        _sense("công đoàn"),
    ),
    "HĐ": (
        _sense(
            "hội đồng",
            after="nvqs|nghĩa vụ|bầu cử|gpmb|bồi thường|giám sát|thi|xét|tư vấn|khám|quản trị|đấu giá|"
            "kỷ luật|định giá|phổ biến",
        ),
        _sense("hoạt động", before="các|mọi|chương trình", after="hè|văn nghệ|thể thao"),
        _sense("hóa đơn", before="xuất|mã", after="đỏ|tiền|điện tử|gtgt"),
        _sense("hợp đồng"),
    ),
    "CN": (
        _sense(
            "chủ nhật",
            before="thứ bảy|thứ 7|t7|t2|t3|t4|t5|t6|và|sáng|chiều|tối|ngày|hết|đến|trừ|&|7|là|vào",
            after="hàng tuần|hằng tuần|ngày|tuần",
        ),
        _sense("chi nhánh", before="ngân hàng|agribank|evn|công ty", after="^|ngân hàng|vpđk|văn phòng"),
        _sense("công nhân", before="cán bộ", after="viên|lao động"),
        _sense("chăn nuôi", before="ngành", after="thú y|và thú y"),
        _sense("công nghiệp", before="khu|cụm|nông|ngành|cây"),
    ),
    "CB": (_sense("chi bộ", before="bí thư|sinh hoạt", after="bản|thôn|khu|tổ|xóm|đảng"), _sense("cán bộ")),
    "NV": (_sense("nhân viên", before="các|anh|chị|là"), _sense("nhiệm vụ")),
    "BV": (_sense("bảo vệ", after="thực vật|rừng|môi trường|dân phố"), _sense("bệnh viện")),
    "TX": (_sense("thường xuyên", before="giáo dục|gd"), _sense("thị xã")),
    "TP": (
        _sense("thực phẩm", before="an toàn|vệ sinh|at|ngộ độc|chế biến"),
        _sense("tội phạm", before="phòng chống"),
        _sense("thành phố"),
    ),
    "TS": (
        _sense("thủy sản", before="nuôi trồng|nông lâm|khai thác"),
        _sense("tổng số", after="hộ|người|tiền|#"),
        _sense("tiến sĩ", after="^"),
    ),
    "BS": (_sense("bổ sung", before="sửa đổi|cấp|đề nghị"), _sense("bác sĩ")),
    "KS": (_sense("khai sinh", before="giấy|đăng ký"), _sense("kỹ sư", after="^"), _sense("khách sạn")),
    "HS": (_sense("hồ sơ", before="nộp|tiếp nhận|nhận|trả|mã|bộ", after="gồm|xin|đề nghị"), _sense("học sinh")),
    "GV": (_sense("giáo viên"),),
    "SV": (_sense("sinh viên"),),
    "PH": (_sense("phụ huynh"),),
    "DN": (_sense("doanh nghiệp"),),
    "ND": (_sense("nông dân", before="hội|bà con"), _sense("nội dung", after=":"), _sense("nhân dân")),
    "TG": (_sense("tôn giáo", before="dân tộc|dt"), _sense("thời gian")),
    "ĐĐ": (_sense("địa điểm"),),
    "VP": (_sense("vi phạm", before="xử lý|hành vi|các"), _sense("văn phòng")),
    "GĐ": (
        _sense("gia đình", before="hộ|các"),
        _sense("giám đốc", before="phó|ông|bà|đ/c|tổng"),
        _sense("giám đốc", after="sở|công ty|trung tâm|bệnh viện|ngân hàng|htx|tt"),
        _sense("giai đoạn", after="#"),
        _sense("gia đình"),
    ),
    "BT": (
        _sense("bí thư", before="đ/c|phó|đồng chí|ông|bà", after="chi bộ|đảng ủy|đoàn|đu"),
        _sense("bồi thường", after="gpmb|hỗ trợ"),
    ),
    "LĐ": (_sense("lãnh đạo", before="đ/c|các|ban"), _sense("lao động")),
    "NN": (_sense("nhà nước", before="cơ quan|quản lý|ngân sách"), _sense("nông nghiệp")),
    "NS": (_sense("nước sạch", before="nhà máy", after="nông thôn|và"), _sense("ngân sách")),
    "VH": (_sense("văn hóa"),),
    "XD": (_sense("xây dựng"),),
    "SX": (_sense("sản xuất"),),
    "KD": (_sense("kinh doanh"),),
    "ĐK": (_sense("điều kiện", before="đủ"), _sense("đăng ký")),
    "CP": (_sense("cổ phần", before="công ty|cty|ty"), _sense("chính phủ")),
    "ĐT": (
        _sense("đào tạo", before="gd|giáo dục và|giáo dục"),
        _sense("đầu tư", before="kh|kế hoạch và|dự án|chủ"),
        _sense("đội tuyển", after="^|bóng đá|quốc gia"),
        _sense("điện thoại"),
    ),
    **dict.fromkeys(("ĐC", "Đc", "Đ.C", "Đ.c", "Đ/C", "Đ/c", "đ/c"), _COMRADE_OR_ADDRESS),
    "HP": (_sense("học phí", before="thu|nộp"), _sense("Hải Phòng")),
    "PA": (_sense("phương án"),),
    "QC": (_sense("quy chế", after="phối hợp|làm việc|hoạt động"), _sense("quảng cáo")),
    "DA": (_sense("dự án"),),
    "ĐA": (_sense("đề án"),),
    "TC": (_sense("tổ chức", before="ban"), _sense("tài chính")),
    "NC": (_sense("nâng cao", before="nông thôn mới|ntm"),),
    "KT": (_sense("kiểm tra", before="đoàn|công tác|ub"), _sense("kinh tế")),
    "BQL": (_sense("ban quản lý"),),
    "XN": (
        _sense("xét nghiệm", before="làm|kết quả|phòng|lấy mẫu"),
        _sense("xí nghiệp", after="^|thủy lợi|môi trường"),
    ),
    "QS": (_sense("quân sự"),),
    "TV": (_sense("thường vụ", before="ban|ub"), _sense("thành viên", before="các"), _sense("ti vi")),
    "ĐH": (_sense("đại hội", after="đảng|chi bộ|đoàn|đại biểu|hội"), _sense("đại học")),
    "TL": (_sense("tỉnh lộ"),),
    "SN": (_sense("sinh năm", after="@"), _sense("số nhà", after="#"), _sense("sinh nhật")),
    "VĐ": (_sense("vận động", before="sân|cuộc|công tác|nhà"), _sense("vụ đông")),
    "CK": (
        _sense("cùng kỳ", before="so|với|so với"),
        _sense("cam kết", before="bản|ký|giấy"),
        _sense("chuyển khoản"),
    ),
    "BCH": (
        _sense(
            "ban chỉ huy",
            before="công điện",
            after="pctt|pctt&tkcn|pctt-tkcn|phòng chống|phòng thủ|ptds|pclb|quân sự|pccc|pcccr|tkcn|chữa cháy",
        ),
        _sense("ban chấp hành"),
    ),
    "QH": (
        _sense("quy hoạch", before="đồ án|công bố|lập", after="sử dụng|chung|chi tiết|xây dựng|đất|phân khu|sdđ"),
        _sense("quốc hội", before="đại biểu|đb|bầu cử|kỳ họp", after="khóa|khoá|và hđnd|bầu"),
    ),
    "TTr": (_sense("tờ trình"),),
    "TTr.": (_sense("thị trấn", after="^"), _sense("tờ trình")),
    "KL": (
        _sense("kiểm lâm", before="hạt|lực lượng|chi cục|cán bộ"),
        _sense("khối lượng", before="tổng|theo"),
        _sense("kết luận"),
    ),
    "TTĐT": (_sense("thông tin điện tử", before="cổng|trang"), _sense("trật tự đô thị")),
    "BĐ": (_sense("bóng đá", before="giải|đội"), _sense("báo động", before="mức|trên|dưới|vượt"), _sense("bưu điện")),
    "ĐV": (
        _sense("đoàn viên", before="đoàn|chi đoàn"),
        _sense("đơn vị", before="các|mọi", after="hành chính|bầu cử|vũ trang"),
        _sense("đảng viên"),
    ),
    "DT": (
        _sense(
            "dân tộc",
            before="đồng bào|hội đồng|ban|người|các|công tác|phòng|miền núi và",
            after="thiểu số|và tôn giáo|nội trú",
        ),
        _sense("diện tích"),
    ),
    "DS": (_sense("danh sách", after="hộ|cử tri|học sinh|kèm|thí sinh|đối tượng|người|công dân"), _sense("dân số")),
    "CH": (_sense("cửa hàng", after="xăng dầu|vật tư|số|^"), _sense("chỉ huy", before="ban|sở|bộ")),
    "KN": (_sense("khuyến nông", before="tt|trung tâm|cán bộ|trạm"), _sense("khiếu nại")),
    "VT": (_sense("vị trí", before="các|tại|ở", after="việc làm"), _sense("văn thư")),
    "ĐB": (
        _sense("đông bắc", before="phía|hướng|gió mùa|vùng"),
        _sense("đặc biệt", before="loại|diện|giải"),
        _sense("đảng bộ", before="bch|ban chấp hành|đại hội"),
        _sense("đồng bằng", after="sông"),
        _sense("đại biểu"),
    ),
    "ĐN": (_sense("đông nam", before="phía|hướng|gió mùa|vùng"), _sense("Đà Nẵng")),
    "HT": (
        _sense("hội trường", before="tại|ở|trong"),
        _sense("hiệu trưởng", before="đ/c|thầy|cô|phó"),
        _sense("hỗ trợ"),
    ),
    "HN": (
        _sense("hội nghị", before="kết luận|nghị quyết", after="tw|trung ương|lần"),
        _sense("hộ nghèo", before="các|số|diện|thoát", after="và|hcn|cận"),
        _sense("Hà Nội"),
    ),
    "PC": (
        _sense("phòng chống", after="dịch|thiên tai|ma túy|cháy|tội|bão|tham|covid|đuối|sốt|lụt|hạn|rét|bạo"),
        _sense("pê xê"),
    ),
    "VC": (_sense("viên chức", before="công chức|cc"),),
    "GT": (
        _sense("giao thông", before="tai nạn|an toàn", after="nông thôn|đường|công cộng"),
        _sense("giới thiệu", before="giấy"),
    ),
    "MT": (
        _sense("mặt trận", before="trưởng ban công tác|ban công tác|ủy ban", after="tổ quốc|tq"),
        _sense("môi trường", before="tài nguyên và|vệ sinh|bảo vệ|nông nghiệp và"),
    ),
    "PN": (_sense("phụ nữ"),),
    "TN": (
        _sense("tây nam", before="phía|hướng|gió mùa"),
        _sense("thanh niên", before="đoàn|hội|đoàn viên"),
        _sense("thiên nhiên"),
    ),
    "DL": (_sense("du lịch", before="thể thao và|khu|điểm|thể thao|văn hóa|phát triển"), _sense("dương lịch")),
    "BV-ĐK": (_sense("bệnh viện đa khoa"),),
    "P": (_sense("phường", before="tp|quận", after="#"),),
    "P.": (
        _sense(
            "phòng",
            after="giáo dục|nội vụ|tư pháp|tài chính|kinh tế|văn hóa|y tế|lao động|tài nguyên|"
            "công chứng|khám|gd|gd&đt|lđtbxh|vh|tnmt|họp|tiếp|nông nghiệp|#3",
        ),
        _sense("phường", after="^|#"),
    ),
    "Q.": (_sense("quận", after="^|#"),),
    "H.": (_sense("huyện", after="^"),),
    "X.": (_sense("xã", after="^"),),
    "T.": (_sense("tỉnh", after="^"),),
    "h.": (_sense("huyện", after="^"),),
    "x.": (_sense("xã", after="^"),),
    "t.": (_sense("tỉnh", after="^"),),
    "Đ.": (_sense("đường", after="^|#"),),
}
